import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { assertSqlValues } from '../statements.ts'
import type { Row, StatementResult } from '../write.ts'

/** Runs one statement, prepared once for each text. Throws the engine's error as it is. */
export function executeStatement(
  db: DatabaseSync,
  cache: Map<string, StatementSync>,
  sql: string,
  params: readonly unknown[],
): StatementResult {
  assertSqlValues(params)
  let statement = cache.get(sql)
  if (statement === undefined) {
    statement = db.prepare(sql)
    cache.set(sql, statement)
  }
  if (statement.columns().length > 0) {
    const rows = statement.all(...params) as Row[]
    return { rows, changes: rows.length }
  }
  return { rows: [], changes: Number(statement.run(...params).changes) }
}
