import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Settings } from '../config.ts'
import { loadMasterKeyFile } from '../keys/master-key.ts'
import { masterKeyIdOf, sealedBy } from '../keys/sealer.ts'
import { DatabaseUnusableError } from '../storage/errors.ts'
import { readMasterKeyIds } from '../storage/sqlite/backup-file.ts'
import { nextMasterKeyFile, oldMasterKeyFile } from './master-key-files.ts'
import { writeNewFile } from './root-key-file.ts'

/** The names of master keys in a backup, as they are in a data folder. */
const inBackup = { masterKeyFile: 'master.key' }

/**
 * Puts the keys beside a copy of the database: those of roots, and each master key that the copy or one of them needs. While the master key is
 * replaced these are two, or more if a root's file was elsewhere; which ones, the copy itself says, whatever has happened since it was taken.
 *
 * @throws DatabaseUnusableError if the master key of the copy is not at hand
 */
export function backupKeys(settings: Settings, folder: string, database: string): void {
  const roots = rootKeyFiles(settings.data)
  for (const file of roots) copyFileSync(join(settings.data, file), join(folder, file))
  // A key that the environment gives is kept where it comes from.
  if (settings.masterKey !== undefined) return
  const { id, nextId } = readMasterKeyIds(database)
  const atHand = loadAllMasterKeys(settings)
  if (!atHand.has(id))
    throw new DatabaseUnusableError(`the master key of id ${id} is not in ${settings.masterKeyFile}: nothing opens without it`)
  const ofRoots = roots.map((file) => sealedBy(readFileSync(join(folder, file))) ?? '')
  const wanted = new Map(ofRoots.map((one) => [one, oldMasterKeyFile(inBackup, one)]))
  if (nextId !== undefined) wanted.set(nextId, nextMasterKeyFile(inBackup))
  wanted.set(id, inBackup.masterKeyFile)
  for (const [keyId, name] of wanted) {
    const key = atHand.get(keyId)
    // A root's old key may be lost while its file is here; the backup is worth taking all the same.
    if (key !== undefined) writeNewFile(join(folder, name), Buffer.from(`${Buffer.from(key).toString('base64')}\n`))
  }
  for (const key of atHand.values()) key.fill(0)
}

/** Brings the keys of a backup to the places that the settings name; what is there stays. Whole or not at all each, by `copy`. */
export function unpackKeys(settings: Settings, folder: string, copy: (source: string, target: string) => void): void {
  for (const name of readdirSync(folder).filter((one) => one.startsWith(inBackup.masterKeyFile))) {
    const target = settings.masterKeyFile + name.slice(inBackup.masterKeyFile.length)
    if (!existsSync(target)) copy(join(folder, name), target)
  }
  for (const file of rootKeyFiles(folder)) copy(join(folder, file), join(settings.data, file))
}

/** The master keys in all files beside each other, by their ids. In this order: one that moves in between is found in its new place. */
function loadAllMasterKeys(settings: Settings): Map<string, Uint8Array> {
  const { masterKeyFile } = settings
  const keys = new Map<string, Uint8Array>()
  const add = (path: string): void => {
    const key = loadMasterKeyFile(path)
    if (key !== undefined) keys.set(masterKeyIdOf(key), key)
  }
  add(nextMasterKeyFile(settings))
  add(masterKeyFile)
  const old = basename(oldMasterKeyFile(settings, ''))
  for (const name of readdirSync(dirname(masterKeyFile)).filter((one) => one.startsWith(old))) add(join(dirname(masterKeyFile), name))
  return keys
}

function rootKeyFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => /^root-[0-9a-f]{8}\.key$/.test(name))
}
