import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'
import type { WriteList, WritesOf } from './write.ts'

/** The sequences from which ids are given. Ids stay below 2^53. */
export const sequences = [
  'accounts',
  'plans',
  'ledger_entries',
  'instances',
  'orders',
  'authorizations',
  'validation_attempts',
  'keys',
  'certificates',
  'events',
  'ram_users',
  'ram_groups',
  'ram_roles',
  'ram_policies',
  'oidc_providers',
  'review_decisions',
  'csrs',
  'contacts',
  'companies',
  'acme_accounts',
] as const

export type Sequence = (typeof sequences)[number]

/**
 * An open database: SQLite in the process, or PostgreSQL shared by many.
 *
 * After `await db.write.x(...)` every later read, in any process, sees the write. A write that was refused has left nothing.
 */
export interface Database<L extends WriteList = WriteList> {
  readonly engine: 'sqlite' | 'postgres'
  /** Read queries. They never hold a transaction or an iterator across an await. */
  readonly read: Kysely<Schema>
  /**
   * All writes. They reject with a `Problem`, a `ConstraintError`, or `Problem('serviceUnavailable')` when the queue is full
   * or the connection is lost (the write may then have happened: repeat it with the same token).
   */
  readonly write: WritesOf<L>
  /** The next id of a sequence. Ids only grow within a process; gaps are normal. */
  nextId(sequence: Sequence): Promise<number>
  /** Calls back after commits that named the channel, here or in another process. Returns the way to stop. */
  onNotify(channel: string, listener: () => void): () => void
  /** The database's clock, ms: the process's own on SQLite. */
  now(): Promise<number>
  /** Runs a piece of work while no other process of this database runs one. On SQLite there is no other process. */
  alone<T>(work: () => Promise<T>): Promise<T>
  /** Writes that are queued or running. */
  pendingWrites(): number
  /** Finishes what is queued, then closes. */
  close(): Promise<void>
}
