import type { SqlValue } from './write.ts'

interface InsertText {
  readonly columns: readonly string[]
  readonly text: string
}

/** By table: few have inserts of more than one list of columns. */
const insertTexts = new Map<string, InsertText[]>()

/** The text of an insert of the given columns, built once: to join the names for a key would cost as much as to build it. */
export function insertText(table: string, columns: readonly string[]): string {
  let known = insertTexts.get(table)
  if (known === undefined) {
    known = []
    insertTexts.set(table, known)
  }
  for (const one of known) if (isSameList(one.columns, columns)) return one.text
  const text = `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`
  known.push({ columns, text })
  return text
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index])
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
