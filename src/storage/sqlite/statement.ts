import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { assertSqlValues } from '../statements.ts'
import type { Row, SqlValue, StatementResult } from '../write.ts'

/** A prepared statement, and the names of the columns that it gives: asking for them costs more than most statements. */
export interface PreparedStatement {
  readonly statement: StatementSync
  readonly columns: readonly string[]
}

/** Runs one statement, prepared once for each text. Throws the engine's error as it is. */
export function executeStatement(
  db: DatabaseSync,
  cache: Map<string, PreparedStatement>,
  sql: string,
  params: readonly unknown[],
): StatementResult {
  assertSqlValues(params)
  let prepared = cache.get(sql)
  if (prepared === undefined) {
    prepared = prepare(db, sql)
    cache.set(sql, prepared)
  }
  const { statement, columns } = prepared
  if (columns.length === 0) return { rows: NO_ROWS, changes: Number(statement.run(...params).changes) }
  // The statement returns arrays; its type does not tell.
  const rows = (statement.all(...params) as unknown as readonly SqlValue[][]).map((values) => toRow(columns, values))
  return { rows, changes: rows.length }
}

const NO_ROWS: readonly Row[] = []

/** The engine's own objects have no shape that the language could remember: to make and to read them costs several times as much. */
function prepare(db: DatabaseSync, sql: string): PreparedStatement {
  const statement = db.prepare(sql)
  statement.setReturnArrays(true)
  return { statement, columns: statement.columns().map(({ name }) => name) }
}

function toRow(columns: readonly string[], values: readonly SqlValue[]): Row {
  const row: Record<string, SqlValue> = {}
  for (let at = 0; at < columns.length; at++) row[columns[at] ?? ''] = values[at] ?? null
  return row
}
