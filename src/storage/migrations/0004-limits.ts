import { sql } from 'kysely'
import type { MigrationModule } from './migration.ts'

/** How the processes of one installation divide the limits of calls: only where several share a database, and worth no flush to disk. */
export const limits: MigrationModule = {
  name: '0004-limits',
  async up(db, { engine }) {
    if (engine !== 'postgres') return
    await sql
      .raw(`create unlogged table limit_shares (process_id text primary key, asked bigint not null, seen_at bigint not null)`)
      .execute(db)
  },
}
