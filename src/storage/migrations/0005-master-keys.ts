import { sql } from 'kysely'
import type { MigrationModule } from './migration.ts'

/** The master key that is about to take over, and which keys each process holds. */
export const masterKeys: MigrationModule = {
  name: '0005-master-keys',
  async up(db, { engine, int }) {
    await sql.raw(`alter table installation add column next_master_key_id text`).execute(db)
    await sql.raw(`alter table installation add column next_key_check text`).execute(db)
    // 1: the next key seals; the one before only opens what is not sealed anew yet.
    await sql.raw(`alter table installation add column next_seals ${int} not null default 0`).execute(db)
    if (engine === 'postgres') await sql.raw(`alter table limit_shares add column master_keys text not null default ''`).execute(db)
  },
}
