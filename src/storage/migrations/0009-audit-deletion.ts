import { sql } from 'kysely'
import type { ColumnTypes, MigrationModule } from './migration.ts'

/** Which bodies retention deletes is signed; the salt of a source address goes with the address. */
export const auditDeletion: MigrationModule = {
  name: '0009-audit-deletion',
  async up(db, types) {
    for (const statement of statements(types)) await sql.raw(statement).execute(db)
  },
}

function statements({ int }: ColumnTypes): string[] {
  return [
    `alter table audit_log add column deletion text`,
    `alter table audit_log add column deleted_before ${int} not null default 0`,
    `update events set source_salt = null where source_ip is null and source_salt is not null`,
  ]
}
