import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { sealedColumns, type SealedColumn } from '../../src/installation/sealed-columns.ts'
import { sealedOctets, walkSealed } from '../../src/installation/walk-sealed.ts'
import { loadMasterKeyFile } from '../../src/keys/master-key.ts'
import { type Binding, createSealer } from '../../src/keys/sealer.ts'
import type { Database } from '../../src/storage/database.ts'
import type { TestService } from '../support/service.ts'

/** `table.column` */
export const nameOf = ({ table, column }: Pick<SealedColumn, 'table' | 'column'>): string => `${table}.${column}`

/** A sealed value, and what was sealed. */
export interface OpenedRow {
  readonly key: readonly (string | number)[]
  readonly before: Uint8Array
  readonly plain: Uint8Array
  readonly binding: Binding
}

/** All sealed values of the database, by column. */
export async function readAll({ services: { db, sealer } }: TestService): Promise<(SealedColumn & { readonly rows: OpenedRow[] })[]> {
  const found: (SealedColumn & { readonly rows: OpenedRow[] })[] = []
  for (const column of sealedColumns) {
    const rows: OpenedRow[] = []
    for await (const page of walkSealed(db.read, column)) {
      for (const row of page) {
        const before = sealedOctets(row, column)
        const binding = column.bind(row)
        rows.push({ key: column.key.map((name) => row[name] as string | number), before, plain: sealer.open(before, binding), binding })
      }
    }
    found.push({ ...column, rows })
  }
  return found
}

/** How many of all sealed values the key in a file opens by itself, and which columns hold any. */
export async function openAll(service: TestService, masterKeyFile: string): Promise<{ opened: number; all: number; columns: Set<string> }> {
  const sealer = createSealer(loadMasterKeyFile(masterKeyFile) ?? assert.fail(`no key in ${masterKeyFile}`), randomBytes)
  const values = (await readAll(service)).flatMap(({ rows, ...column }) => rows.map((row) => ({ ...row, name: nameOf(column) })))
  const opens = ({ before, binding }: OpenedRow): boolean => {
    try {
      return sealer.open(before, binding).length > 0
    } catch {
      return false
    }
  }
  return { opened: values.filter(opens).length, all: values.length, columns: new Set(values.map(({ name }) => name)) }
}

/** Every column of octets, as `table.column`. */
export async function listOctetColumns({ engine, read }: Database): Promise<string[]> {
  const { rows } = await (
    engine === 'postgres'
      ? sql<{ name: string }>`select table_name || '.' || column_name as name from information_schema.columns
        where table_schema = 'public' and data_type = 'bytea'`
      : sql<{ name: string }>`select m.name || '.' || c.name as name from sqlite_schema m, pragma_table_info(m.name) c
        where m.type = 'table' and lower(c.type) = 'blob'`
  ).execute(read)
  return rows.map(({ name }) => name)
}

/** The events of a table that have a trigger against retired keys, as `table.column event`. */
export async function listGuards({ engine, read }: Database): Promise<Set<string>> {
  const { rows } = await (
    engine === 'postgres'
      ? sql<{
          name: string
          event: string
        }>`select trigger_name as name, lower(event_manipulation) as event from information_schema.triggers`
      : sql<{ name: string; event: string }>`select name, sql as event from sqlite_schema where type = 'trigger'`
  ).execute(read)
  const guards = sealedColumns.flatMap((column) =>
    rows
      .filter(({ name }) => name.startsWith(`${column.table}_${column.column}_retired`))
      .map(({ event }) => `${nameOf(column)} ${/before update of/.test(event) || event === 'update' ? 'update' : 'insert'}`),
  )
  return new Set(guards)
}
