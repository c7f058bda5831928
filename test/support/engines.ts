import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import pg from 'pg'
import type { Database } from '../../src/storage/database.ts'
import { openDatabase, type OpenDatabaseOptions } from '../../src/storage/open-database.ts'
import type { WriteList } from '../../src/storage/write.ts'
import { transactions } from '../storage/test-writes.ts'
import { reportNotRun } from './not-run.ts'
import { createTestDatabase } from './postgres.ts'

/** The service's writes and the tests' own ones. */
export type TestDatabase = Database<typeof transactions>

type OpenOptions = Partial<Omit<OpenDatabaseOptions<WriteList>, 'transactions' | 'transactionsUrl'>>

/** Where one test's database lies. It goes with the test, after everything that was opened there. */
export interface TestPlace {
  /** Also the folder of the SQLite file. */
  readonly folder: string
  readonly databaseUrl: string | undefined
  /** Opens the database as a process does; on PostgreSQL several times if asked. Closing it twice does no harm. */
  open(options?: OpenOptions): Promise<TestDatabase>
  /** Two processes on one database. SQLite has one process by design: there it is one database twice. */
  openPair(options?: OpenOptions): Promise<readonly [TestDatabase, TestDatabase]>
  /** Runs statements on a connection of its own, outside of everything under test. */
  query(sql: string): Promise<Record<string, unknown>[]>
}

/** One of the two databases that the service runs on. */
export interface Engine {
  readonly name: 'sqlite' | 'postgres'
  /** An empty database. */
  createPlace(t: TestContext): Promise<TestPlace>
}

const sqlite: Engine = {
  name: 'sqlite',
  async createPlace(t) {
    return createPlace(t, undefined, (folder, sql) => {
      const connection = new DatabaseSync(join(folder, 'chancery.db'), { timeout: 5_000 })
      try {
        return Promise.resolve(plain(connection.prepare(sql).all()))
      } finally {
        connection.close()
      }
    })
  },
}

const postgres: Engine = {
  name: 'postgres',
  async createPlace(t) {
    const databaseUrl = await createTestDatabase()
    if (databaseUrl === undefined) throw new Error('PostgreSQL does not run')
    // A deadlock is looked for after a second by default: too long for tests that make many.
    await queryPostgres(databaseUrl, `alter database ${new URL(databaseUrl).pathname.slice(1)} set deadlock_timeout = '20ms'`)
    return createPlace(t, databaseUrl, (_, sql) => queryPostgres(databaseUrl, sql))
  },
}

const postgresRuns = (process.env['TEST_POSTGRES_URL'] ?? '') !== ''
if (!postgresRuns) reportNotRun('storage tests on PostgreSQL', 'no server was started')

/** The engines that can run here; a run without PostgreSQL says so in its summary. */
export const engines: readonly Engine[] = postgresRuns ? [sqlite, postgres] : [sqlite]

/** The engines on which several processes share a database. */
export const sharedEngines: readonly Engine[] = engines.filter(({ name }) => name === 'postgres')

/** The engines that are a file of one process. */
export const fileEngines: readonly Engine[] = engines.filter(({ name }) => name === 'sqlite')

/** Runs one statement on a connection of its own. */
export async function queryPostgres(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({
    connectionString: url,
    types: { getTypeParser: (oid: number) => (oid === 20 ? Number : pg.types.getTypeParser(oid)) },
  })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

/** Rows as object literals, which `deepEqual` tells from the rows of SQLite. */
export function plain(rows: readonly object[]): Record<string, unknown>[] {
  return rows.map((row) => ({ ...row }))
}

/** A place in an own folder, for a test that brings its own server. */
export function createPlace(
  t: TestContext,
  databaseUrl: string | undefined,
  query: (folder: string, sql: string) => Promise<Record<string, unknown>[]>,
): TestPlace {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-test-'))
  const opened: TestDatabase[] = []
  t.after(async () => {
    for (const db of opened) await db.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function open(options: OpenOptions = {}): Promise<TestDatabase> {
    const db = await openDatabase({
      databaseUrl,
      folder,
      transactions,
      transactionsUrl: new URL('../storage/test-writes.ts', import.meta.url).href,
      queueLimit: 10_000,
      onFatal: (error) => {
        throw error
      },
      clock: Date.now,
      ...options,
    })
    let closing: Promise<void> | undefined
    const closable = { ...db, close: () => (closing ??= db.close()) }
    opened.push(closable)
    return closable
  }

  return {
    folder,
    databaseUrl,
    open,
    async openPair(options) {
      const first = await open(options)
      return [first, databaseUrl === undefined ? first : await open(options)]
    },
    query: (sql) => query(folder, sql),
  }
}
