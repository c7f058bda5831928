import { SealError, sealedBy } from '../keys/sealer.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { type SealedColumn, sealedColumns } from './sealed-columns.ts'
import { sealedOctets, type SealedRow, walkSealed } from './walk-sealed.ts'

type ResealServices = Pick<Services, 'db' | 'sealer'>

/**
 * Seals anew, in short writes, every value of the database that another key than this one sealed.
 *
 * @returns how many there were
 * @throws Problem sealedValueUnreadable if one does not open: it is left as it is
 */
export async function resealAll({ db, sealer }: ResealServices, masterKeyId: string): Promise<number> {
  let count = 0
  for (const column of sealedColumns) {
    for await (const page of walkSealed(db.read, column)) {
      const others = page.filter((row) => sealedBy(sealedOctets(row, column)) !== masterKeyId)
      if (others.length === 0) continue
      const { table, key } = column
      await db.write.reseal({ table, column: column.column, key, rows: others.map((row) => resealRow({ sealer }, column, row)) })
      count += others.length
    }
  }
  return count
}

function resealRow({ sealer }: Pick<Services, 'sealer'>, column: SealedColumn, row: SealedRow) {
  const before = sealedOctets(row, column)
  const binding = column.bind(row)
  const plain = openValue(sealer, before, column, row)
  try {
    // Keys of tables are texts and integers.
    return { key: column.key.map((name) => row[name] as string | number), before, after: sealer.seal(plain, binding) }
  } finally {
    plain.fill(0)
  }
}

function openValue(sealer: Services['sealer'], sealed: Uint8Array, column: SealedColumn, row: SealedRow): Uint8Array {
  try {
    return sealer.open(sealed, column.bind(row))
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    const name = column.key.map((part) => String(row[part])).join('/')
    const by = sealedBy(sealed) ?? 'none'
    throw new Problem('sealedValueUnreadable', { value: `${column.table}.${column.column} of ${name} (key ${by})` }, { cause: error })
  }
}
