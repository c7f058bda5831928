import { sql } from 'kysely'
import type { ColumnTypes, MigrationModule } from './migration.ts'

/** Keys that are known to be compromised: no CSR with one of them is taken again (BR 6.1.1.3). */
export const acmeCertificates: MigrationModule = {
  name: '0013-acme-certificates',
  async up(db, types) {
    for (const statement of statements(types)) await sql.raw(statement).execute(db)
  },
}

function statements({ int, strict }: ColumnTypes): string[] {
  return [
    `create table blocked_keys (
       spki_sha256 text primary key,
       reason ${int} not null,
       certificate_id ${int} not null constraint blocked_keys_certificate references certificates (id),
       created_at ${int} not null)${strict}`,
  ]
}
