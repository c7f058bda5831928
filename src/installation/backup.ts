import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../config.ts'
import type { Services } from '../services.ts'
import { DatabaseUnusableError } from '../storage/errors.ts'
import { assertIntact, backupFile, DATABASE_FILE } from '../storage/sqlite/backup-file.ts'
import { backupKeys, unpackKeys } from './backup-keys.ts'
import { raiseNumbers } from './raise-numbers.ts'

const MANIFEST = 'backup.json'
/** Lies in a data folder from the unpacking of a backup until its numbers are raised. */
const UNFINISHED = 'restored-backup.json'

/** What a backup says of itself. */
export interface BackupManifest {
  /** When it was taken, ms. */
  readonly takenAt: number
  /** True if the master key (while it is replaced: both) and the root's key lie beside the database. */
  readonly withKeys: boolean
}

/**
 * Takes a backup into a new folder while the service may be running. Without the keys it can be kept anywhere, and is worth
 * nothing to a thief; with them it is all that a restoration needs.
 *
 * @throws DatabaseUnusableError on PostgreSQL (use pg_dump), or if the folder is not new
 */
export async function takeBackup(settings: Settings, folder: string, options: { withKeys: boolean; now: number }): Promise<BackupManifest> {
  if (settings.databaseUrl !== undefined) {
    throw new DatabaseUnusableError(
      'the database is PostgreSQL: take backups with pg_dump (docs/operations.md), and after pg_restore run: chancery restore',
    )
  }
  const source = join(settings.data, DATABASE_FILE)
  if (!existsSync(source)) throw new DatabaseUnusableError(`there is no database in ${settings.data}: is CHANCERY_DATA right?`)
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new DatabaseUnusableError(`${folder} is not empty: a backup wants a new folder`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  await backupFile(source, join(folder, DATABASE_FILE))
  // SQLite makes it as the umask says, and a copy of it keeps its mode.
  chmodSync(join(folder, DATABASE_FILE), 0o600)
  assertIntact(join(folder, DATABASE_FILE))
  if (options.withKeys) backupKeys(settings, folder, join(folder, DATABASE_FILE))
  const manifest: BackupManifest = { takenAt: options.now, withKeys: options.withKeys }
  writeFileSync(join(folder, MANIFEST), `${JSON.stringify(manifest)}\n`, { mode: 0o600, flush: true })
  return manifest
}

/**
 * Puts a backup into an empty data folder. The next process that opens it, whichever that is, raises its numbers first:
 * nothing can be given out twice, even if the master key is brought later. After an interruption it can be repeated.
 *
 * @throws DatabaseUnusableError on PostgreSQL, if the data folder holds a database or a part of one, or the folder no backup
 */
export function unpackBackup(settings: Settings, folder: string): BackupManifest {
  if (settings.databaseUrl !== undefined) {
    throw new DatabaseUnusableError('the database is PostgreSQL: fill it with pg_restore, then run without a folder: chancery restore')
  }
  // SQLite would play an old write-ahead log into the database that is put beside it.
  for (const file of [DATABASE_FILE, `${DATABASE_FILE}-wal`, `${DATABASE_FILE}-journal`]) {
    if (!existsSync(join(settings.data, file))) continue
    throw new DatabaseUnusableError(
      `${settings.data} holds a database already (${file}): move it away first with all files that begin with ${DATABASE_FILE}, nothing is overwritten`,
    )
  }
  if (!existsSync(join(folder, MANIFEST))) throw new DatabaseUnusableError(`${folder} holds no finished backup`)
  // Written by takeBackup; a damaged one fails here.
  const manifest = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as BackupManifest
  assertIntact(join(folder, DATABASE_FILE))
  mkdirSync(settings.data, { recursive: true, mode: 0o700 })
  // First, so that no process takes a folder in which this was interrupted for a new one; the database comes last.
  writeFileSync(join(settings.data, UNFINISHED), JSON.stringify(manifest), { mode: 0o600, flush: true })
  if (manifest.withKeys) unpackKeys(settings, folder, copyWhole)
  copyWhole(join(folder, DATABASE_FILE), join(settings.data, DATABASE_FILE))
  return manifest
}

/** The copy appears whole and on disk, or not at all. */
function copyWhole(source: string, target: string): void {
  const draft = `${target}.restoring`
  copyFileSync(source, draft)
  const file = openSync(draft, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, target)
}

/**
 * Holds back a process from making a new installation where a restoration was interrupted.
 *
 * @throws DatabaseUnusableError
 */
export function assertRestorationWhole({ data, databaseUrl }: Pick<Settings, 'data' | 'databaseUrl'>): void {
  if (databaseUrl !== undefined || !existsSync(join(data, UNFINISHED)) || existsSync(join(data, DATABASE_FILE))) return
  throw new DatabaseUnusableError(`a restoration into ${data} was interrupted: repeat it with chancery restore <folder>`)
}

/** Raises the numbers of a data folder that a backup was put into; does nothing otherwise. */
export async function finishRestoration(services: Pick<Services, 'db' | 'clock'>, { data }: Pick<Settings, 'data'>): Promise<void> {
  const file = join(data, UNFINISHED)
  if (!existsSync(file)) return
  const { takenAt } = JSON.parse(readFileSync(file, 'utf8')) as BackupManifest
  await raiseNumbers(services, takenAt)
  rmSync(file)
}
