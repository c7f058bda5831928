import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type pg from 'pg'
import { Problem } from '../../problem.ts'
import { isConnectionLoss } from './constraint.ts'

/** A pool as Kysely wants it, in which a server that does not answer is a `serviceUnavailable` and no bug: the caller may try again. */
export function guardPool(pool: pg.Pool): PostgresPool {
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => guardClient(await pool.connect().catch(refuse)),
  }
}

function guardClient(client: pg.PoolClient): PostgresPoolClient {
  // Kysely queries with text and values alone; its other way, cursors, is not used.
  const query = (sql: string, values: readonly unknown[]) => client.query(sql, [...values]).catch(refuse)
  return { query, release: (destroy?: boolean) => client.release(destroy) } as unknown as PostgresPoolClient
}

function refuse(error: unknown): never {
  if (isConnectionLoss(error)) throw new Problem('serviceUnavailable', {}, { cause: error })
  throw error
}
