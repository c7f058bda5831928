import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { assertSqlValues } from '../statements.ts'
import type { Row, StatementResult } from '../write.ts'

/** A prepared statement, and whether it gives rows: asking for its columns costs more than most statements. */
export interface PreparedStatement {
  readonly statement: StatementSync
  readonly givesRows: boolean
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
    const statement = db.prepare(sql)
    prepared = { statement, givesRows: statement.columns().length > 0 }
    cache.set(sql, prepared)
  }
  const { statement, givesRows } = prepared
  if (givesRows) {
    const rows = statement.all(...params) as Row[]
    return { rows, changes: rows.length }
  }
  return { rows: [], changes: Number(statement.run(...params).changes) }
}
