import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Settings } from '../config.ts'
import { createMasterKeyFile } from '../keys/master-key.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { findInstallation } from '../storage/accounts.ts'
import { followMasterKeys, tidyMasterKeyFiles } from './follow-master-keys.ts'
import { loadMasterKeys, masterKeyPlaces, nextMasterKeyFile, oldMasterKeyFile, promoteMasterKeyFile } from './master-key-files.ts'
import { resealAll } from './reseal-all.ts'
import { resealRootKeys } from './reseal-root-keys.ts'

type RotationServices = Pick<Services, 'db' | 'clock' | 'sealer' | 'secrets' | 'randomBytes'> & { readonly settings: Settings }

/** What a rotation did. */
export interface MasterKeyRotation {
  readonly from: string
  readonly to: string
  readonly resealed: number
  /** Roots whose keys are not in this data folder, and so still sealed by the old key. */
  readonly rootsElsewhere: readonly string[]
  /** Where the old key is kept now; undefined: the operator keeps it. */
  readonly oldKeyFile: string | undefined
  /** What is left to the operator: where the next key is, and where it belongs. */
  readonly toMove: { readonly from: string; readonly to: string } | undefined
}

/** Processes have so long to take up the next key, ms; then the command says who lacks it. */
const PATIENCE_MS = 15_000
const LOOK_MS = 250
/** A process that was not heard of for so long has ended, ms. One that was only asleep can store nothing that the old key sealed. */
const LIFE_MS = 5_000
/** Between sealing and storing a value lies less, ms. What takes longer is refused and repeated. */
const IN_FLIGHT_MS = 1_000

/**
 * Replaces the master key while everything runs. After an interruption at any moment it goes on where it was; the service starts at every
 * moment. The order is what makes it safe:
 *
 * 1. the next key is on disk, and announced; 2. all processes hold both; 3. the next one seals, in all of them; 4. everything is sealed anew;
 * 5. the database takes nothing any more that the old one sealed; 6. what came in between is sealed anew, until nothing is left;
 * 7. the old key retires, and the next one's file takes its place.
 *
 * @throws Problem masterKeyMissing (a process does not hold the next key: which, and what to do), masterKeyUsed, masterKeyBusy,
 *   sealedValueUnreadable; MasterKeyError for files
 */
export async function rotateMasterKey(services: RotationServices, { patienceMs = PATIENCE_MS } = {}): Promise<MasterKeyRotation> {
  const { db, clock } = services
  const { from, to, accountId } = await begin(services)
  const waitFor = (isReady: (keys: readonly string[]) => boolean) => waitForProcesses(services, to, { isReady, patienceMs })
  await waitFor((keys) => keys.includes(to))
  await db.write.switchMasterKey({ id: to })
  await followMasterKeys(services)
  await waitFor(([sealing]) => sealing === to)
  let resealed = await resealAll(services, to)
  await sleep(IN_FLIGHT_MS)
  await db.write.closeMasterKey({ id: from, nextId: to, engine: db.engine, now: clock() })
  for (let more = -1; more !== 0; resealed += more) more = await resealAll(services, to)
  const rootsElsewhere = await resealRootKeys(services)
  await services.secrets.renew()
  await db.write.retireMasterKey({ id: to, oldId: from, accountId, eventId: await db.nextId('events'), now: clock() })
  await followMasterKeys(services)
  return { from, to, resealed, rootsElsewhere, ...finishFiles(services, from, to) }
}

/** Makes and announces the next key, or finds the one that an interrupted rotation announced. */
async function begin(services: RotationServices): Promise<{ from: string; to: string; accountId: number }> {
  const { db, settings, randomBytes } = services
  // An earlier rotation may have ended just before its files were moved.
  await tidyMasterKeyFiles(services)
  if ((await loadInstallation(services)).next_master_key_id === null) {
    if (settings.masterKey === undefined && !existsSync(nextMasterKeyFile(settings))) {
      createMasterKeyFile(nextMasterKeyFile(settings), randomBytes).fill(0)
    }
    const { next } = loadMasterKeys(settings, randomBytes)
    if (next === undefined) throw missing(services, 'Put a new key there in all processes, and restart them.')
    await db.write.announceMasterKey({ id: next.masterKeyId, keyCheck: next.keyCheck() })
  }
  const lack = await followMasterKeys(services)
  const { master_key_id: from, next_master_key_id: to, root_account_id: accountId } = await loadInstallation(services)
  // Another command was faster and is done already.
  if (to === null) throw new Problem('masterKeyBusy')
  if (lack !== undefined) throw missing(services, `The key ${to} is announced: put it there, and run the command again.`)
  return { from, to, accountId }
}

function missing({ settings }: RotationServices, rule: string): Problem {
  return new Problem('masterKeyMissing', { place: masterKeyPlaces(settings).next, rule })
}

async function loadInstallation({ db }: RotationServices) {
  const installation = await findInstallation(db.read)
  if (installation === undefined) throw new Error('there is no installation')
  return installation
}

/** Waits until each process that runs holds its keys so: PostgreSQL only, elsewhere this process is all. */
async function waitForProcesses(
  services: RotationServices,
  id: string,
  { isReady, patienceMs }: { isReady: (keys: readonly string[]) => boolean; patienceMs: number },
): Promise<void> {
  const { db } = services
  if (db.engine === 'sqlite') return
  for (let waited = 0; ; waited += LOOK_MS) {
    const { rows } = await sql<{ process_id: string; master_keys: string }>`
      select process_id, master_keys from limit_shares
       where seen_at > (extract(epoch from clock_timestamp()) * 1000)::bigint - ${LIFE_MS}`.execute(db.read)
    const late = rows.filter(({ master_keys: keys }) => !isReady(keys.split(' ')))
    if (late.length === 0) return
    if (waited >= patienceMs) {
      const names = late.map(({ process_id: name }) => name).join(', ')
      throw missing(
        services,
        `${late.length} of ${rows.length} processes do not hold the key ${id} yet (${names}): put it there in each, and run the command again.`,
      )
    }
    await sleep(LOOK_MS)
  }
}

/** The key has taken over whatever happens here: a file that cannot be moved is the operator's to move. */
function finishFiles(
  { settings, randomBytes }: RotationServices,
  from: string,
  to: string,
): Pick<MasterKeyRotation, 'oldKeyFile' | 'toMove'> {
  const { main, next } = masterKeyPlaces(settings)
  let isInPlace: boolean
  try {
    isInPlace = promoteMasterKeyFile(settings, to, randomBytes)
  } catch {
    isInPlace = false
  }
  const old = oldMasterKeyFile(settings, from)
  return { oldKeyFile: existsSync(old) ? old : undefined, toMove: isInPlace ? undefined : { from: next, to: main } }
}
