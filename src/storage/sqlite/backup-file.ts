import { backup, DatabaseSync } from 'node:sqlite'
import { DatabaseUnusableError } from '../errors.ts'

/** The database's name in a data folder. */
export const DATABASE_FILE = 'chancery.db'

/** All pages in one step: a step that is interrupted by a write of the running service would start over. */
const PAGES_PER_STEP = 1_000_000_000

/** Copies a database with SQLite's backup API to a new file, while a service may be writing to it. The copy is one consistent state. */
export async function backupFile(source: string, target: string): Promise<void> {
  const connection = new DatabaseSync(source, { readOnly: true, timeout: 5_000 })
  try {
    await backup(connection, target, { rate: PAGES_PER_STEP })
  } finally {
    connection.close()
  }
  // The copy stands alone: without this it would want its write-ahead log beside it.
  const copy = new DatabaseSync(target)
  copy.exec('pragma journal_mode = delete')
  copy.close()
}

/** @throws Error if the copy is damaged */
export function assertIntact(file: string): void {
  const connection = new DatabaseSync(file, { readOnly: true })
  try {
    const row = connection.prepare('pragma integrity_check').get()
    if (row?.['integrity_check'] !== 'ok') throw new Error(`the database ${file} is damaged`)
  } finally {
    connection.close()
  }
}

/** The ids of the master keys that a database file needs: the one in use, and the one that is about to take over. */
export function readMasterKeyIds(file: string): { readonly id: string; readonly nextId: string | undefined } {
  const connection = new DatabaseSync(file, { readOnly: true })
  try {
    const row = connection.prepare('select * from installation').get()
    if (row === undefined) throw new DatabaseUnusableError(`the database ${file} holds no installation`)
    // A database of an earlier version has no column for the next one.
    const { master_key_id: id, next_master_key_id: nextId } = row
    return { id: String(id), nextId: typeof nextId === 'string' ? nextId : undefined }
  } finally {
    connection.close()
  }
}
