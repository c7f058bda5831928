import type { SqlValue } from './write.ts'

const insertTexts = new Map<string, string>()

/** The text of an insert of the given columns, built once. */
export function insertText(table: string, columns: readonly string[]): string {
  const key = `${table}(${columns.join(',')})`
  let text = insertTexts.get(key)
  if (text === undefined) {
    text = `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`
    insertTexts.set(key, text)
  }
  return text
}

/**
 * Refuses what an engine would silently turn into something else: undefined and Date become NULL, true becomes 1,
 * and integers above 2^53 lose digits.
 */
export function assertSqlValues(values: readonly unknown[]): asserts values is readonly SqlValue[] {
  for (const value of values) {
    if (value === null || typeof value === 'string' || value instanceof Uint8Array) continue
    if (typeof value === 'number' && (Number.isSafeInteger(value) || !Number.isInteger(value)) && Number.isFinite(value)) continue
    throw new TypeError(`a statement takes texts, safe integers, octets and null, not ${typeof value}`)
  }
}
