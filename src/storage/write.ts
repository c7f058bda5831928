import type { Insertable } from 'kysely'
import type { Schema } from './schema.ts'

/** What a statement takes and gives: the same on both engines. */
export type SqlValue = string | number | null | Uint8Array
export type Row = Readonly<Record<string, SqlValue>>

/** What a statement did: the rows it returned, and how many it changed. */
export interface StatementResult {
  readonly rows: readonly Row[]
  readonly changes: number
}

/**
 * The inside of one write. All statements of a write leave together: it issues them before its first `await`, then looks at
 * the results. A later statement throws. So a group of writes is one flight to the database, and its latency does not grow
 * with the number of statements. What a write needs to know beforehand is read before and given as input, as a hint that
 * a WHERE or a named constraint checks again.
 */
export interface Tx {
  /** Runs one statement. Values stand as `?`, in order. */
  run(sql: string, params: readonly SqlValue[]): Promise<StatementResult>
  /** Inserts one row. */
  insert<T extends keyof Schema>(table: T, row: Insertable<Schema[T]>): Promise<StatementResult>
  /** After the commit, tells every process's listeners of the channel. A hint, never a guarantee. */
  notify(channel: string): void
}

/** A row that many writes compete for: they will change it, or what they count hangs on it. */
export interface RowLock {
  readonly table: 'accounts' | 'plans'
  readonly id: number
}

/**
 * One named write over plain data. It is all or nothing; throwing undoes it and nothing else of its group.
 * It may run more than once (a neighbour's failure, a deadlock): it has no effect but its statements.
 */
export interface Write<I, O> {
  /** Rows to lock first, in key order over the whole group, so that two processes cannot wait for each other. */
  readonly locks?: (input: I) => readonly RowLock[]
  readonly run: (tx: Tx, input: I) => Promise<O>
}

/** Types one write; see {@link Write}. */
export function defineWrite<I, O>(write: Write<I, O>): Write<I, O> {
  return write
}

/** The list of all writes, by name. */
export type WriteList = Readonly<Record<string, Write<never, unknown>>>

/** `db.write`: each write of the list as a function of plain data. */
export type WritesOf<L> = {
  readonly [K in keyof L]: L[K] extends Write<infer I, infer O> ? (input: I) => Promise<O> : never
}
