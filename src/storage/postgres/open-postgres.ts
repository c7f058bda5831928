import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { DatabaseUnusableError } from '../errors.ts'
import { migrate } from '../migrate.ts'
import type { Schema } from '../schema.ts'
import type { WriteList } from '../write.ts'
import type { GroupRunner } from '../writer.ts'
import { connectionOptions, shortStatements } from './connection.ts'
import { createGroupRunner, type FlightListener } from './group-runner.ts'
import { guardPool } from './guard-pool.ts'
import { createListener } from './listener.ts'

/** PostgreSQL 15 is the oldest that is tested. */
const OLDEST_VERSION = 150_000

export interface PostgresParts {
  readonly read: Kysely<Schema>
  readonly runner: GroupRunner
  /** The server's clock, ms. */
  now(): Promise<number>
  /** Runs a piece of work under a lock that all processes of the database share. */
  alone<T>(work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

/**
 * Opens a PostgreSQL database: brings the schema up to date (one process migrates, others wait), opens the writing
 * connection, a pool for reads and one connection that listens for notices.
 *
 * @throws DatabaseUnusableError if the server is not reachable, too old, or its schema newer than the code
 */
export async function openPostgres(
  url: string,
  writes: WriteList,
  onNotice: (channels: ReadonlySet<string>) => void,
  onFlight?: FlightListener,
): Promise<PostgresParts> {
  const pool = new pg.Pool({ ...connectionOptions(url, 'reader'), ...shortStatements, max: 8 })
  // A stopping server breaks idle connections; without a listener that would end the process. The pool makes new ones.
  pool.on('error', () => {})
  const read = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: guardPool(pool) }) })
  try {
    await checkVersion(pool)
    await migrate(read as unknown as Kysely<unknown>, 'postgres')
  } catch (error) {
    await read.destroy()
    throw error
  }
  const runner = createGroupRunner(url, writes, onFlight)
  const listener = createListener(url, (payload) => onNotice(new Set(payload.split(','))))
  return {
    read,
    runner,
    async now() {
      const { rows } = await pool.query<{ now: number }>(`select (extract(epoch from clock_timestamp()) * 1000)::bigint as now`)
      return Number(rows[0]?.now)
    },
    alone: (work) => runAlone(url, work),
    async close() {
      await listener.close()
      await runner.close()
      await read.destroy()
    },
  }
}

/** The number is arbitrary; it only has to be the same in every version. */
const ALONE_LOCK = 4_117_001

async function runAlone<T>(url: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client(connectionOptions(url, 'alone'))
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [ALONE_LOCK])
    return await work()
  } finally {
    // Ending the session gives the lock back.
    await client.end()
  }
}

async function checkVersion(pool: pg.Pool): Promise<void> {
  let version: number
  try {
    const { rows } = await pool.query<{ version: number }>(`select current_setting('server_version_num')::int as version`)
    version = Number(rows[0]?.version)
  } catch (error) {
    // The URL may hold a password: only the driver's own words are told.
    const reason = error instanceof Error ? error.message || error.name : String(error)
    throw new DatabaseUnusableError(`the PostgreSQL server of DATABASE_URL does not answer: ${reason}`, { cause: error })
  }
  if (version < OLDEST_VERSION) throw new DatabaseUnusableError(`PostgreSQL 15 or later is needed; the server is ${version}`)
}
