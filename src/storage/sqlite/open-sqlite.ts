import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { Kysely } from 'kysely'
import { DatabaseFatalError, DatabaseUnusableError } from '../errors.ts'
import type { Member, Outcome } from '../group.ts'
import { migrate } from '../migrate.ts'
import type { Schema } from '../schema.ts'
import type { GroupRunner } from '../writer.ts'
import { DATABASE_FILE } from './backup-file.ts'
import { runPreparedReadsAtOnce } from '../prepared-read.ts'
import { sqliteDialect } from './kysely-dialect.ts'
import { executeStatement, type PreparedStatement } from './statement.ts'
import type { GroupReply, WriterWorkerData } from './writer-worker.ts'

/** The parts of an open SQLite database that the generic part puts together. */
export interface SqliteParts {
  readonly read: Kysely<Schema>
  readonly runner: GroupRunner
  close(): Promise<void>
}

/**
 * Opens `<folder>/chancery.db`: brings the schema up to date, starts the writing worker and opens the reader.
 *
 * @param onFatal called when the file can no longer be trusted; the process has to end
 * @throws DatabaseUnusableError if another process holds the folder or the schema is newer than the code
 */
export async function openSqlite(
  folder: string,
  transactionsUrl: string,
  onFatal: (error: DatabaseFatalError) => void,
): Promise<SqliteParts> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = takeLock(folder)
  try {
    const file = join(folder, DATABASE_FILE)
    await prepareFile(file)
    const writer = await startWriter({ file, transactionsUrl }, onFatal)
    const connection = new DatabaseSync(file, { readOnly: true, timeout: 5_000 })
    connection.exec('pragma trusted_schema = off')
    const read = new Kysely<Schema>({ dialect: sqliteDialect(connection) })
    const statements = new Map<string, PreparedStatement>()
    runPreparedReadsAtOnce(read, (sql, params) => executeStatement(connection, statements, sql, params))
    return {
      read,
      runner: writer,
      async close() {
        // The writer is the last to leave: the last connection empties the write-ahead log, and the reader may not write.
        await read.destroy()
        connection.close()
        await writer.close()
        lock.close()
      },
    }
  } catch (error) {
    lock.close()
    throw error
  }
}

// The database file itself cannot be locked for good: an exclusive lock there would keep out our own reader.
function takeLock(folder: string): DatabaseSync {
  const lock = new DatabaseSync(join(folder, 'lock.db'), { timeout: 1_000 })
  try {
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    throw new DatabaseUnusableError(`another process uses the data folder ${folder}: stop it first, or choose another CHANCERY_DATA`, {
      cause: error,
    })
  }
  return lock
}

async function prepareFile(file: string): Promise<void> {
  const connection = new DatabaseSync(file, { timeout: 5_000 })
  try {
    connection.exec('pragma journal_mode = wal; pragma synchronous = full')
    await migrate(new Kysely({ dialect: sqliteDialect(connection) }), 'sqlite')
  } finally {
    connection.close()
  }
}

async function startWriter(
  workerData: WriterWorkerData,
  onFatal: (error: DatabaseFatalError) => void,
): Promise<GroupRunner & { close(): Promise<void> }> {
  const worker = new Worker(new URL('./writer-worker.ts', import.meta.url), { workerData })
  let dead: DatabaseFatalError | undefined
  let waiting: { resolve(outcomes: readonly Outcome[]): void; reject(error: Error): void } | undefined

  function fail(message: string): void {
    if (dead !== undefined) return
    dead = new DatabaseFatalError(`the writer stopped: ${message}`)
    waiting?.reject(dead)
    waiting = undefined
    onFatal(dead)
  }

  worker.on('message', (reply: GroupReply) => {
    if ('fatal' in reply) return fail(reply.fatal)
    const { resolve } = waiting ?? {}
    waiting = undefined
    resolve?.(reply.outcomes)
  })
  worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error)))

  function exchange(send?: () => void): Promise<readonly Outcome[]> {
    if (dead !== undefined) return Promise.reject(dead)
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject }
      send?.()
    })
  }

  // The worker's first message says that it is ready.
  await exchange()
  return {
    runGroup: (members: readonly Member[]) => exchange(() => worker.postMessage(members)),
    async close() {
      if (dead !== undefined) return void (await worker.terminate())
      const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
      worker.postMessage('close')
      await ended
    },
  }
}
