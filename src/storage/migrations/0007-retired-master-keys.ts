import { sql } from 'kysely'
import { refuseRetiredKeys } from './refuse-retired-keys.ts'
import type { MigrationModule } from './migration.ts'

const sealedColumns = [
  ['access_keys', 'secret_sealed'],
  ['keys', 'sealed'],
  ['issuers', 'key_sealed'],
  ['shared_secrets', 'sealed'],
  ['audit_log', 'key_sealed'],
  ['uploaded_certificates', 'key_sealed'],
  ['uploaded_certificates', 'encrypt_key_sealed'],
  ['csrs', 'key_sealed'],
  ['contacts', 'id_card_sealed'],
] as const

const functions = [
  // Shared with whoever lists a key, who waits for all that were before: what they wrote can be seen when the key is listed.
  `create function is_sealed_by_retired_key(octets bytea) returns boolean language plpgsql volatile as $$
   begin
     if octets is null then return false; end if;
     perform pg_advisory_xact_lock_shared(hashtext('retired_master_keys'));
     return exists (select from retired_master_keys where id = encode(substr(octets, 2, 8), 'hex'));
   end $$`,
  `create function refuse_retired_key() returns trigger language plpgsql as $$
   begin
     raise exception 'sealed by a retired master key' using errcode = 'check_violation', constraint = 'sealed_by_retired_key';
   end $$`,
]

/**
 * Master keys that were replaced. From the commit that lists one, the database takes no value that it sealed: not from a process that was
 * asleep during the replacement either.
 */
export const retiredMasterKeys: MigrationModule = {
  name: '0007-retired-master-keys',
  async up(db, { engine, int, strict }) {
    await sql.raw(`create table retired_master_keys (id text primary key, retired_at ${int} not null)${strict}`).execute(db)
    if (engine === 'postgres') for (const text of functions) await sql.raw(text).execute(db)
    for (const [table, column] of sealedColumns) {
      for (const statement of refuseRetiredKeys(engine, table, column)) await sql.raw(statement).execute(db)
    }
  },
}
