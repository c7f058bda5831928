import { existsSync } from 'node:fs'
import type { Settings } from '../config.ts'
import type { Services } from '../services.ts'
import { findInstallation } from '../storage/accounts.ts'
import { DatabaseUnusableError } from '../storage/errors.ts'
import { loadMasterKeys, masterKeyPlaces, nextMasterKeyFile, promoteMasterKeyFile } from './master-key-files.ts'

type FollowServices = Pick<Services, 'db' | 'sealer' | 'randomBytes'> & { readonly settings: Settings }

/** What this process lacks while the master key is replaced. */
export interface Lack {
  readonly masterKeyId: string
  /** True if values are sealed by that key already: they do not open here. */
  readonly isNeeded: boolean
}

/**
 * Brings this process's master keys to where the replacement of the master key is: holds the announced one, and seals with it once that is
 * said. Safe to repeat.
 *
 * @returns what is not at hand here; undefined if nothing is
 */
export async function followMasterKeys({ db, sealer, randomBytes, settings }: FollowServices): Promise<Lack | undefined> {
  const installation = await findInstallation(db.read)
  if (installation === undefined) return undefined
  const { master_key_id: id, next_master_key_id: nextId, next_key_check: nextCheck, key_check: check } = installation
  const wanted = nextId ?? id
  const isNeeded = nextId === null || installation.next_seals === 1
  if (!sealer.held().includes(wanted)) {
    const { main, next } = loadMasterKeys(settings, randomBytes)
    const found = [next, main].find((one) => one?.fits(nextCheck ?? check))
    if (found === undefined) return { masterKeyId: wanted, isNeeded }
    sealer.add(found)
  }
  if (isNeeded && sealer.masterKeyId !== wanted) sealer.use(wanted)
  return undefined
}

/**
 * Where no replacement is under way: moves the file of a next key that has taken over to its place. Safe to repeat.
 *
 * @throws Error of the file system
 */
export async function tidyMasterKeyFiles({ db, randomBytes, settings }: Omit<FollowServices, 'sealer'>): Promise<void> {
  if (settings.masterKey !== undefined || !existsSync(nextMasterKeyFile(settings))) return
  const installation = await findInstallation(db.read)
  if (installation?.next_master_key_id !== null) return
  promoteMasterKeyFile(settings, installation.master_key_id, randomBytes)
}

const LOOK_MS = 1_000

/**
 * Follows the master keys while the process runs: at once when told, and by looking each second. Comes back after the first look.
 *
 * @throws DatabaseUnusableError if the process cannot open what the database holds: a replacement went on while it was starting
 */
export async function watchMasterKeys(services: FollowServices & Pick<Services, 'log'>): Promise<{ stop(): Promise<void> }> {
  const { db, log, settings } = services
  const lack = await followMasterKeys(services)
  if (lack?.isNeeded) throw new DatabaseUnusableError(explainLack(settings, lack))
  let told = ''
  // Each kind of trouble is told once, not each second.
  const tell = (message: string, error?: unknown): void => {
    if (message !== told && message !== '') log.error({ err: error }, message)
    told = message
  }

  async function follow(): Promise<void> {
    const missing = await followMasterKeys(services)
    if (missing !== undefined) return tell(explainLack(settings, missing))
    try {
      await tidyMasterKeyFiles(services)
      tell('')
    } catch (error) {
      tell(
        `the master key was replaced, and its file cannot be moved: put ${nextMasterKeyFile(settings)} in the place of the old one`,
        error,
      )
    }
  }

  let running: Promise<void> = Promise.resolve()
  const look = (): void => {
    running = running.then(follow).catch((error: unknown) => tell('the master keys could not be followed', error))
  }
  look()
  const stopListening = db.onNotify('master-key', look)
  const timer = setInterval(look, LOOK_MS)
  timer.unref()
  return {
    async stop() {
      stopListening()
      clearInterval(timer)
      await running
    },
  }
}

function explainLack(settings: Settings, { masterKeyId }: Lack): string {
  const { next } = masterKeyPlaces(settings)
  return `the master key is being replaced, and the next one (id ${masterKeyId}) is not at hand: put it into ${next}`
}
