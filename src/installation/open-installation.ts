import { mkdirSync } from 'node:fs'
import { createAuthority, type CreatedAuthority } from '../ca/embedded/create-authority.ts'
import type { Settings } from '../config.ts'
import { createKeyRing, type KeyRing } from '../keys/key-ring.ts'
import { createMasterKeyFile } from '../keys/master-key.ts'
import { createSealer, type Sealer } from '../keys/sealer.ts'
import { type Catalogue, defaultAcmeProductCode, defaultProductCode } from '../plans/products.ts'
import { rootPrincipal } from '../ram/principals.ts'
import { drawAccountId } from '../ram/accounts/draw-account-id.ts'
import { makeAccessKey } from '../ram/make-access-key.ts'
import { findAccessKey, findInstallation } from '../storage/accounts.ts'
import type { Services } from '../services.ts'
import { DatabaseUnusableError } from '../storage/errors.ts'
import { parseCrl } from '../x509/crl.ts'
import { chooseMasterKeys } from './choose-master-keys.ts'
import { loadMasterKeys } from './master-key-files.ts'
import { rootKeyFile, writeRootKey } from './root-key-file.ts'
import type { StarterPlan } from './create-installation.tx.ts'
import { findUntoldKey, keepUntoldKey } from './untold-key-file.ts'

/** What the first account begins with, so that both doors can be tried at once. */
const STARTER_PRODUCTS = [defaultProductCode, defaultAcmeProductCode]
const STARTER_UNITS = 20
const DAY_MS = 86_400_000

/** What a process starts with. */
export interface OpenedInstallation {
  readonly sealer: KeyRing
  readonly rootAccountId: number
  /** True if this process made it: nothing was served before. */
  readonly isNew: boolean
  /** The first access key, if this process made the installation, or an earlier one did and ended before it told: shown once, never again. */
  readonly created?: { readonly accessKeyId: string; readonly secret: string; readonly secretIsGiven: boolean }
}

type OpenServices = Pick<Services, 'db' | 'clock' | 'randomBytes'> & {
  readonly settings: Settings
  readonly catalogue: Catalogue
  /** False: a command that only looks refuses where there is nothing, instead of making a new installation. */
  readonly mayCreate: boolean
}

/**
 * Opens the installation, or creates it at the first start. Processes that race are let through one by one; the first one
 * creates, the others find what it made.
 *
 * @throws DatabaseUnusableError if the master key does not fit the database or is missing, or there is no installation and none may be made
 * @throws MasterKeyError if its file cannot be used
 */
export async function openInstallation(services: OpenServices): Promise<OpenedInstallation> {
  return await services.db.alone(async () => {
    const { db, settings, randomBytes } = services
    const installation = await findInstallation(db.read)
    const { main, next } = loadMasterKeys(settings, randomBytes)
    if (installation === undefined) {
      if (!services.mayCreate) throw new DatabaseUnusableError('there is no installation here yet: is CHANCERY_DATA or DATABASE_URL right?')
      // With PostgreSQL nothing else has made it yet.
      mkdirSync(settings.data, { recursive: true, mode: 0o700 })
      return await createInstallation(
        services,
        createKeyRing(main ?? createSealer(createMasterKeyFile(settings.masterKeyFile, randomBytes), randomBytes)),
      )
    }
    // A command that only looks, or restores, may look at either.
    if (services.mayCreate) assertSameMode(installation.emulator === 1, settings)
    const sealer = chooseMasterKeys(installation, { main, next }, settings)
    const untold = findUntoldKey(settings.data)
    const isOurs = untold !== undefined && (await findAccessKey(db.read, untold.accessKeyId)) !== undefined
    return {
      sealer,
      rootAccountId: installation.root_account_id,
      isNew: false,
      ...(isOurs && { created: { ...untold, secretIsGiven: false } }),
    }
  })
}

/**
 * An emulator proves nothing and its clock is moved: it must never issue from a CA that somebody trusts, nor leave its times behind
 * in an installation for real use.
 */
function assertSameMode(madeAsEmulator: boolean, { emulator }: Settings): void {
  if (madeAsEmulator === emulator) return
  throw new DatabaseUnusableError(
    madeAsEmulator
      ? 'this installation was made in emulator mode and stays in it: start it with --emulator, or use another CHANCERY_DATA for real use'
      : 'this installation is for real use: the emulator mode needs a data folder (and database) of its own, name it with CHANCERY_DATA',
  )
}

async function createInstallation(services: OpenServices, sealer: KeyRing): Promise<OpenedInstallation> {
  const { db, clock, randomBytes, settings } = services
  const now = clock()
  const accountId = drawAccountId(randomBytes)
  const key = firstAccessKey(settings, randomBytes)
  // Whoever meets a certificate of an emulator sees it in the whole chain.
  const caName = settings.emulator ? `EMULATOR ${settings.caName}` : settings.caName
  const authority = await createAuthority({
    country: settings.caCountry,
    organization: settings.caOrganization,
    rootName: `${caName} Root`,
    intermediateName: `${caName} Issuing CA`,
    pkiUrl: settings.pkiUrl,
    now,
    randomBytes,
  })
  storeRootKey(settings, sealer, authority)
  if (!key.secretIsGiven) keepUntoldKey(settings.data, key)
  await db.write.createInstallation({
    now,
    masterKeyId: sealer.masterKeyId,
    keyCheck: sealer.keyCheck(),
    emulator: settings.emulator,
    accountId,
    principal: rootPrincipal(accountId),
    accessKeyId: key.accessKeyId,
    secretSealed: sealer.seal(Buffer.from(key.secret), { purpose: 'accessKey', accountId, id: key.accessKeyId }),
    plans: await drawStarterPlans(services, now),
    eventId: await db.nextId('events'),
    root: {
      id: authority.root.id,
      certificate: authority.root.certificateDer,
      crl: authority.rootCrlDer,
      crlNextUpdate: parseCrl(authority.rootCrlDer).nextUpdate,
    },
    intermediate: {
      id: authority.intermediate.id,
      certificate: authority.intermediate.certificateDer,
      keySealed: sealer.seal(authority.intermediate.privateKeyPkcs8, { purpose: 'issuerKey', accountId: 0, id: authority.intermediate.id }),
    },
    pkiUrl: settings.pkiUrl ?? null,
  })
  authority.intermediate.privateKeyPkcs8.fill(0)
  return { sealer, rootAccountId: accountId, isNew: true, created: key }
}

async function drawStarterPlans({ db, catalogue }: OpenServices, now: number): Promise<StarterPlan[]> {
  const plans: StarterPlan[] = []
  for (const productCode of STARTER_PRODUCTS) {
    plans.push({
      id: await db.nextId('plans'),
      ledgerEntryId: await db.nextId('ledger_entries'),
      productCode,
      units: STARTER_UNITS,
      validUntil: now + (catalogue.find(productCode)?.termDays ?? 365) * DAY_MS,
    })
  }
  return plans
}

/** The root's key goes to a file of its own before the root is on record; the service never reads it. */
function storeRootKey(settings: Settings, sealer: Sealer, { root }: CreatedAuthority): void {
  const sealed = sealer.seal(root.privateKeyPkcs8, { purpose: 'rootKey', accountId: 0, id: root.id })
  root.privateKeyPkcs8.fill(0)
  writeRootKey(rootKeyFile(settings, root.id), sealed)
}

function firstAccessKey(
  settings: Settings,
  randomBytes: (length: number) => Uint8Array,
): { accessKeyId: string; secret: string; secretIsGiven: boolean } {
  const { rootAccessKeyId: accessKeyId, rootAccessKeySecret: secret } = settings
  if (accessKeyId !== undefined && secret !== undefined) return { accessKeyId, secret, secretIsGiven: true }
  return { ...makeAccessKey(randomBytes), secretIsGiven: false }
}
