import { existsSync, linkSync, readdirSync, renameSync, unlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Settings } from '../config.ts'
import { decodeMasterKey, loadMasterKeyFile } from '../keys/master-key.ts'
import { createSealer, type Sealer } from '../keys/sealer.ts'
import { syncFolder } from './root-key-file.ts'

type Place = Pick<Settings, 'masterKey' | 'masterKeyNext' | 'masterKeyFile'>
type RandomBytes = (length: number) => Uint8Array

/** Where the master key lies that is about to take over. */
export function nextMasterKeyFile({ masterKeyFile }: Pick<Place, 'masterKeyFile'>): string {
  return `${masterKeyFile}.next`
}

/** Where a master key is kept that was replaced: for backups and files from before. */
export function oldMasterKeyFile({ masterKeyFile }: Pick<Place, 'masterKeyFile'>, masterKeyId: string): string {
  return `${masterKeyFile}.old-${masterKeyId}`
}

/** What the operator calls the place of the master key, and that of the next one. */
export function masterKeyPlaces(settings: Place): { readonly main: string; readonly next: string } {
  if (settings.masterKey === undefined) return { main: settings.masterKeyFile, next: nextMasterKeyFile(settings) }
  return { main: 'CHANCERY_MASTER_KEY', next: 'CHANCERY_MASTER_KEY_NEXT' }
}

/**
 * The master keys that are at hand: the one in use, and the next one if it is there. Both come from the environment, or both from files.
 *
 * @throws MasterKeyError if a file cannot be used
 */
export function loadMasterKeys(
  settings: Place,
  randomBytes: RandomBytes,
): { readonly main: Sealer | undefined; readonly next: Sealer | undefined } {
  const { masterKey, masterKeyNext, masterKeyFile } = settings
  if (masterKey !== undefined) {
    const next = masterKeyNext === undefined ? undefined : decodeMasterKey(masterKeyNext)
    return { main: toSealer(decodeMasterKey(masterKey), randomBytes), next: toSealer(next, randomBytes) }
  }
  // In this order: a next key that takes its place in between is found there.
  const next = toSealer(loadMasterKeyFile(nextMasterKeyFile(settings)), randomBytes)
  return { main: toSealer(loadMasterKeyFile(masterKeyFile), randomBytes), next }
}

function toSealer(octets: Uint8Array | undefined, randomBytes: RandomBytes): Sealer | undefined {
  if (octets === undefined) return undefined
  const sealer = createSealer(octets, randomBytes)
  octets.fill(0)
  return sealer
}

/**
 * Puts the file of the next key, if it holds the key of this id, in the place of the old one's, which is kept beside it. At every moment there
 * is a master key file. Safe to repeat, and for processes that share the files.
 *
 * @returns true if the key is in its place
 * @throws Error of the file system, such as EROFS: the service runs and starts all the same
 */
export function promoteMasterKeyFile(settings: Place, id: string, randomBytes: RandomBytes): boolean {
  if (settings.masterKey !== undefined) return toSealer(decodeMasterKey(settings.masterKey), randomBytes)?.masterKeyId === id
  if (!existsSync(nextMasterKeyFile(settings))) return true
  const { main, next } = loadMasterKeys(settings, randomBytes)
  if (next?.masterKeyId !== id) return true
  if (main !== undefined && main.masterKeyId !== id) keepOldKey(settings, main.masterKeyId)
  tolerate('ENOENT', () => renameSync(nextMasterKeyFile(settings), settings.masterKeyFile))
  removeDrafts(nextMasterKeyFile(settings))
  syncFolder(dirname(settings.masterKeyFile))
  return true
}

/** Drafts of next keys that were never taken, left by processes that were killed while they wrote them. Nobody writes one now: there is a next key. */
function removeDrafts(path: string): void {
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`) || !name.endsWith('.new')) continue
    tolerate('ENOENT', () => unlinkSync(join(dirname(path), name)))
  }
}

function keepOldKey(settings: Place, id: string): void {
  tolerate('EEXIST', () => linkSync(settings.masterKeyFile, oldMasterKeyFile(settings, id)))
  syncFolder(dirname(settings.masterKeyFile))
}

/** Another process, or this one before it was interrupted, may have done it. */
function tolerate(code: string, step: () => void): void {
  try {
    step()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === code)) throw error
  }
}
