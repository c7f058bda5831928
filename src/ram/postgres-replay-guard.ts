import { type Kysely, sql } from 'kysely'
import type { Schema } from '../storage/schema.ts'
import type { ReplayGuard } from './replay-guard.ts'

/**
 * The guard that all processes on one PostgreSQL share: one autocommitted insert a call into an unlogged table. When the
 * database crashes it empties both tables. Whoever finds the floor missing sets it to the database's present second: requests
 * dated up to then are refused from now on.
 */
export function openPostgresReplayGuard(read: Kysely<Schema>): ReplayGuard {
  async function consume(scope: string, nonce: string, timestampMs: number, expiresAtMs: number): Promise<boolean> {
    // Not a write of the writer: it must not wait for a group, and needs no more than its own statement.
    const { numAffectedRows } = await sql`
      insert into replay_nonces (scope, nonce, expires_at)
      select ${scope}, ${nonce}, ${expiresAtMs}::bigint from replay_floor where accepted_after < ${timestampMs}::bigint
      on conflict (scope, nonce) do nothing`.execute(read)
    return numAffectedRows === 1n
  }

  async function readFloor(): Promise<number | undefined> {
    const { rows } = await sql<{ accepted_after: number }>`select accepted_after from replay_floor`.execute(read)
    return rows[0]?.accepted_after
  }

  return {
    async use({ scope, nonce, timestampMs, expiresAtMs }) {
      if (await consume(scope, nonce, timestampMs, expiresAtMs)) return 'fresh'
      let floor = await readFloor()
      if (floor === undefined) {
        await closeReplayGap(read)
        floor = (await readFloor()) ?? Infinity
        if (timestampMs > floor && (await consume(scope, nonce, timestampMs, expiresAtMs))) return 'fresh'
      }
      return timestampMs <= floor ? 'beforeStart' : 'used'
    },
  }
}

/** Sets the floor of a database that has none because it is new: nothing was served before, so nothing is refused. */
export async function openReplayFloor(read: Kysely<Schema>): Promise<void> {
  await sql`insert into replay_floor (id, accepted_after) values (1, 0) on conflict (id) do nothing`.execute(read)
}

/**
 * Sets the floor of a database that has none because it crashed, or was killed in its first moments, to the database's present second.
 *
 * @returns true if there was none: requests of this very second are refused
 */
export async function closeReplayGap(read: Kysely<Schema>): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into replay_floor (id, accepted_after)
    values (1, (floor(extract(epoch from clock_timestamp())) * 1000 + 999)::bigint)
    on conflict (id) do nothing`.execute(read)
  return numAffectedRows === 1n
}

/** So many rows at once keep the statement short. */
const SWEEP_BATCH = 5_000

/** Deletes nonces whose requests would be refused for their age. */
export async function sweepNonces(read: Kysely<Schema>, now: number): Promise<void> {
  for (;;) {
    const { numAffectedRows } = await sql`
      delete from replay_nonces where (scope, nonce) in
        (select scope, nonce from replay_nonces where expires_at < ${now}::bigint limit ${SWEEP_BATCH})`.execute(read)
    if ((numAffectedRows ?? 0n) < BigInt(SWEEP_BATCH)) return
  }
}
