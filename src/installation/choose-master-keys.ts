import { existsSync } from 'node:fs'
import type { Selectable } from 'kysely'
import type { Settings } from '../config.ts'
import { createKeyRing, type KeyRing } from '../keys/key-ring.ts'
import type { Sealer } from '../keys/sealer.ts'
import { DatabaseUnusableError } from '../storage/errors.ts'
import type { InstallationTable } from '../storage/schema.ts'
import { masterKeyPlaces, oldMasterKeyFile } from './master-key-files.ts'

/**
 * The keys of the installation among those at hand: while one is replaced, both; the one that seals first.
 *
 * @throws DatabaseUnusableError if a key that is needed is missing
 */
export function chooseMasterKeys(
  installation: Selectable<InstallationTable>,
  atHand: { readonly main: Sealer | undefined; readonly next: Sealer | undefined },
  settings: Settings,
): KeyRing {
  const { master_key_id: id, key_check: check, next_master_key_id: nextId, next_key_check: nextCheck } = installation
  const keys = [atHand.main, atHand.next].filter((key): key is Sealer => key !== undefined)
  const current = keys.find((key) => key.fits(check))
  if (current === undefined) throw new DatabaseUnusableError(explainMissingKey(installation, keys, settings))
  const ring = createKeyRing(current)
  const next = nextCheck === null ? undefined : keys.find((key) => key.fits(nextCheck))
  if (next !== undefined) ring.add(next)
  if (nextId === null || installation.next_seals === 0) return ring
  if (next === undefined) {
    const { next: place } = masterKeyPlaces(settings)
    throw new DatabaseUnusableError(
      `the master key ${id} is being replaced, and the next one (id ${nextId}) seals already: put it into ${place}, as it is with the other processes`,
    )
  }
  ring.use(nextId)
  return ring
}

function explainMissingKey(installation: Selectable<InstallationTable>, [found]: readonly Sealer[], settings: Settings): string {
  const { master_key_id: id, next_master_key_id: nextId } = installation
  const { main, next } = masterKeyPlaces(settings)
  if (found === undefined) {
    return (
      `the database belongs to an installation whose master key (id ${id}) is not in ${main}: ` +
      `put its file there, or name it with CHANCERY_MASTER_KEY_FILE`
    )
  }
  if (found.masterKeyId === nextId) {
    return `the master key ${id} is being replaced and still needed, and only the next one is at hand: put the old one into ${main}, the next one into ${next}`
  }
  const old = oldMasterKeyFile(settings, id)
  const hint = existsSync(old)
    ? `${old}, which was replaced since, is that key: put it there`
    : `name that key's file with CHANCERY_MASTER_KEY_FILE`
  return `the master key in ${main} (id ${found.masterKeyId}) does not fit the database, which was sealed with the key of id ${id}: ${hint}`
}
