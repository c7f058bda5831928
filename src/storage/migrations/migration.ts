import type { Kysely } from 'kysely'

/** What differs between the engines in a table definition. */
export interface ColumnTypes {
  readonly engine: 'sqlite' | 'postgres'
  /** A 64-bit integer. */
  readonly int: string
  /** An octet string. */
  readonly blob: string
  /** Appended to `create table (...)`: SQLite then holds columns to their types. */
  readonly strict: string
}

export const columnTypes = {
  sqlite: { engine: 'sqlite', int: 'integer', blob: 'blob', strict: ' strict' },
  postgres: { engine: 'postgres', int: 'bigint', blob: 'bytea', strict: '' },
} as const satisfies Record<string, ColumnTypes>

/**
 * One step of the schema. Steps first expand (new tables, nullable columns), and contract only in a later release, so that
 * processes of two versions can share one database. A released step is never edited.
 */
export interface MigrationModule {
  readonly name: string
  up(db: Kysely<unknown>, types: ColumnTypes): Promise<void>
}
