import { sql } from 'kysely'
import type { ColumnTypes, MigrationModule } from './migration.ts'

/** The log that events are sealed into: their positions, the tiles of its Merkle tree, and its latest checkpoint. */
export const audit: MigrationModule = {
  name: '0003-audit',
  async up(db, types) {
    for (const statement of statements(types)) await sql.raw(statement).execute(db)
  },
}

function statements({ int, blob, strict }: ColumnTypes): string[] {
  return [
    `alter table events add column log_index ${int}`,
    `alter table events add column source_salt ${blob}`,
    `alter table events add column source_hash text`,
    `create unique index events_log_index on events (log_index) where log_index is not null`,
    `drop index events_by_account`,
    `create index events_by_time on events (account_id, at, id)`,
    `create index events_by_request on events (request_id) where request_id is not null`,
    `create index events_by_source on events (at) where source_ip is not null`,
    `create table audit_log (
       id ${int} primary key constraint audit_log_single check (id = 1),
       size ${int} not null,
       checkpoint text not null,
       name text not null,
       key_sealed ${blob} not null,
       vkey text not null,
       lease_owner text,
       lease_until ${int},
       updated_at ${int} not null)${strict}`,
    `create table audit_tiles (
       level ${int} not null,
       idx ${int} not null,
       hashes ${blob} not null,
       primary key (level, idx))${strict}`,
  ]
}
