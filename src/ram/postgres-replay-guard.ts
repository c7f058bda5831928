import { type Kysely, sql } from 'kysely'
import type { Schema } from '../storage/schema.ts'
import type { NonceUse, ReplayGuard } from './replay-guard.ts'

/**
 * The guard that all processes on one PostgreSQL share: one autocommitted insert a call into an unlogged table. When the
 * database crashes it empties that table and the floor. Whoever finds the floor missing sets it to the database's present second:
 * requests dated up to then are refused from now on. Requests dated ahead of the database's clock would be accepted again after
 * that, so their nonces go into a logged table.
 */
export function openPostgresReplayGuard(read: Kysely<Schema>): ReplayGuard {
  // Neither is a write of the writer: it must not wait for a group, and needs no more than its own statement.
  async function consume({ scope, nonce, timestampMs, expiresAtMs }: NonceUse): Promise<boolean> {
    const { numAffectedRows } = await sql`
      insert into replay_nonces (scope, nonce, expires_at)
      select ${scope}, ${nonce}, ${expiresAtMs}::bigint from replay_floor
      where accepted_after < ${timestampMs}::bigint and ${timestampMs}::bigint < ${NEXT_SECOND}
        and not exists (select 1 from replay_ahead where scope = ${scope} and nonce = ${nonce})
      on conflict (scope, nonce) do nothing`.execute(read)
    return numAffectedRows === 1n
  }

  async function consumeAhead({ scope, nonce, timestampMs, expiresAtMs }: NonceUse): Promise<boolean> {
    const { numAffectedRows } = await sql`
      insert into replay_ahead (scope, nonce, expires_at)
      select ${scope}, ${nonce}, ${expiresAtMs}::bigint
      where ${timestampMs}::bigint >= ${NEXT_SECOND}
        and not exists (select 1 from replay_nonces where scope = ${scope} and nonce = ${nonce})
      on conflict (scope, nonce) do nothing`.execute(read)
    return numAffectedRows === 1n
  }

  async function readFloor(): Promise<number | undefined> {
    const { rows } = await sql<{ accepted_after: number }>`select accepted_after from replay_floor`.execute(read)
    return rows[0]?.accepted_after
  }

  return {
    async use(entry) {
      if (await consume(entry)) return 'fresh'
      let floor = await readFloor()
      if (floor === undefined) {
        await closeReplayGap(read)
        floor = (await readFloor()) ?? Infinity
        if (entry.timestampMs > floor && (await consume(entry))) return 'fresh'
      }
      if (entry.timestampMs <= floor) return 'beforeStart'
      return (await consumeAhead(entry)) ? 'fresh' : 'used'
    },
  }
}

/** The database's clock, ms, at the end of its present second: timestamps have whole seconds. */
const NEXT_SECOND = sql`((floor(extract(epoch from clock_timestamp())) + 1) * 1000)::bigint`

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
  for (const table of ['replay_nonces', 'replay_ahead']) {
    for (let deleted = BigInt(SWEEP_BATCH); deleted === BigInt(SWEEP_BATCH);) {
      const { numAffectedRows } = await sql`
        delete from ${sql.table(table)} where (scope, nonce) in
          (select scope, nonce from ${sql.table(table)} where expires_at < ${now}::bigint limit ${SWEEP_BATCH})`.execute(read)
      deleted = numAffectedRows ?? 0n
    }
  }
}
