import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Services } from '../services.ts'
import type { SealedColumn } from './sealed-columns.ts'

/** One sealed value: the columns that its {@link SealedColumn} names. */
export type SealedRow = Readonly<Record<string, unknown>>

/** So many values keep a read, and a write of all of them, short. */
const PAGE = 50

/** All values of a column in the order of its key, page by page; calls are served in between. */
export async function* walkSealed(read: Services['db']['read'], column: SealedColumn): AsyncGenerator<readonly SealedRow[]> {
  const key = sql.join(column.key.map((name) => sql.ref(name)))
  const names = sql.join([...column.key, ...column.about, column.column].map((name) => sql.ref(name)))
  let last: SealedRow | undefined
  do {
    const after = last === undefined ? sql`` : sql`and (${key}) > (${sql.join(column.key.map((name) => last?.[name]))})`
    const { rows } = await sql<SealedRow>`
      select ${names} from ${sql.table(column.table)} where ${sql.ref(column.column)} is not null ${after}
       order by ${key} limit ${PAGE}`.execute(read)
    if (rows.length > 0) yield rows
    last = rows.length === PAGE ? rows.at(-1) : undefined
    await setImmediate()
  } while (last !== undefined)
}

/** The octets of a value. */
export function sealedOctets(row: SealedRow, { column }: Pick<SealedColumn, 'column'>): Uint8Array {
  const value = row[column]
  if (!(value instanceof Uint8Array)) throw new TypeError(`${column} holds no octets`)
  return value
}
