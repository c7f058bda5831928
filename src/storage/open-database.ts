import type { Database } from './database.ts'
import type { DatabaseFatalError } from './errors.ts'
import { createIdBlocks } from './id-blocks.ts'
import type { FlightListener } from './postgres/group-runner.ts'
import { openPostgres, type PostgresParts } from './postgres/open-postgres.ts'
import { openSqlite, type SqliteParts } from './sqlite/open-sqlite.ts'
import { takeIds } from './take-ids.tx.ts'
import type { WriteList, WritesOf } from './write.ts'
import { createWriter, type WriteObserver } from './writer.ts'

export interface OpenDatabaseOptions<L extends WriteList> {
  /** `postgres://…`; absent: SQLite in `folder`. */
  readonly databaseUrl?: string | undefined
  readonly folder: string
  /** The list of writes, and the URL of the module that exports it as `transactions` (for the writing worker). */
  readonly transactions: L
  readonly transactionsUrl: string
  /** More writes than this waiting are refused with `serviceUnavailable`. */
  readonly queueLimit: number
  /** The database can no longer be trusted; the process has to end. */
  readonly onFatal: (error: DatabaseFatalError) => void
  /** The process's clock, ms. */
  readonly clock: () => number
  readonly onFlight?: FlightListener
  readonly observer?: WriteObserver | undefined
}

/**
 * Opens the database of a process, on either engine, and brings its schema up to date.
 *
 * @throws DatabaseUnusableError with a message for the operator
 */
export async function openDatabase<L extends WriteList>(options: OpenDatabaseOptions<L>): Promise<Database<L>> {
  const listeners = new Map<string, Set<() => void>>()
  const tell = (channels: ReadonlySet<string>): void => {
    for (const channel of channels) for (const listener of listeners.get(channel) ?? []) listener()
  }
  const writes: WriteList = { ...options.transactions, takeIds }
  const parts: SqliteParts & Partial<Pick<PostgresParts, 'now' | 'alone'>> =
    options.databaseUrl === undefined
      ? await openSqlite(options.folder, options.transactionsUrl, options.onFatal)
      : await openPostgres(options.databaseUrl, writes, tell, options.onFlight)
  const writer = createWriter(parts.runner, { queueLimit: options.queueLimit, onCommit: tell, observer: options.observer })
  const nextId = createIdBlocks(async (sequence) => Number(await writer.submit('takeIds', { sequence })))

  return {
    engine: options.databaseUrl === undefined ? 'sqlite' : 'postgres',
    read: parts.read,
    write: writeFunctions(options.transactions, (name, input) => writer.submit(name, input)),
    nextId,
    now: () => parts.now?.() ?? Promise.resolve(options.clock()),
    alone: (work) => parts.alone?.(work) ?? work(),
    pendingWrites: () => writer.pending(),
    onNotify(channel, listener) {
      const set = listeners.get(channel) ?? new Set()
      listeners.set(channel, set.add(listener))
      return () => void set.delete(listener)
    },
    async close() {
      await writer.drain()
      await parts.close()
    },
  }
}

function writeFunctions<L extends WriteList>(list: L, submit: (name: string, input: unknown) => Promise<unknown>): WritesOf<L> {
  const functions = Object.keys(list).map((name) => [name, (input: unknown) => submit(name, input)])
  // Each function's type is derived from the very write that `name` selects; the writer itself is untyped plumbing.
  return Object.fromEntries(functions) as WritesOf<L>
}
