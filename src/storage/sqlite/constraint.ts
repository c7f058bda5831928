import type { DatabaseSync } from 'node:sqlite'
import { ConstraintError, type ConstraintKind } from '../errors.ts'

// Extended result codes of SQLite (https://sqlite.org/rescode.html).
const kinds: Readonly<Record<number, ConstraintKind>> = {
  275: 'check',
  787: 'foreignKey',
  1299: 'notNull',
  1555: 'unique',
  // A trigger's raise(): its text is the whole message.
  1811: 'check',
  2067: 'unique',
  2579: 'unique',
  3091: 'datatype',
}

/**
 * The index names of the schema by what SQLite tells in its message: the table and columns of a broken unique rule.
 * Primary keys are called `<table>_pkey`, as PostgreSQL calls them.
 */
export function readIndexNames(db: DatabaseSync): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const tables = db.prepare(`select name from sqlite_schema where type = 'table'`).all() as { name: string }[]
  for (const { name: table } of tables) {
    const primaryKey = db.prepare(`select name from pragma_table_info(?) where pk > 0 order by pk`).all(table) as { name: string }[]
    names.set(columnList(table, primaryKey), `${table}_pkey`)
    const indexes = db.prepare(`select name from pragma_index_list(?) where "unique" = 1 and origin = 'c'`).all(table) as { name: string }[]
    for (const { name: index } of indexes) {
      const columns = db.prepare(`select name from pragma_index_info(?) order by seqno`).all(index) as { name: string }[]
      names.set(columnList(table, columns), index)
    }
  }
  return names
}

function columnList(table: string, columns: readonly { name: string }[]): string {
  return columns.map(({ name }) => `${table}.${name}`).join(', ')
}

/** The engine's error as a {@link ConstraintError} if it is one, else as it is. */
export function convertSqliteError(error: unknown, indexNames: ReadonlyMap<string, string>): unknown {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return error
  const kind = kinds[error.errcode]
  if (kind === undefined) return error
  // SQLite names the constraint in the message only: after the colon stands the check's name, or table and columns.
  const colon = error.message.indexOf(': ')
  const told = colon === -1 ? error.message : error.message.slice(colon + 2)
  switch (kind) {
    case 'unique':
      return new ConstraintError(kind, indexNames.get(told) ?? told, { cause: error })
    case 'foreignKey':
      return new ConstraintError(kind, '', { cause: error })
    case 'check':
    case 'notNull':
    case 'datatype':
      return new ConstraintError(kind, told, { cause: error })
  }
}
