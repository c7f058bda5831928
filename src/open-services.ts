import { randomBytes as drawOctets } from 'node:crypto'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { openEmbeddedAuthority } from './ca/embedded/open-authority.ts'
import type { CertificateAuthority } from './ca/certificate-authority.ts'
import type { Settings } from './config.ts'
import { type EmulatorOptions, openEmulator } from './emulator/emulator.ts'
import { assertRestorationWhole, finishRestoration } from './installation/backup.ts'
import { type OpenedInstallation, openInstallation } from './installation/open-installation.ts'
import { openKeyPool } from './keys/key-pool.ts'
import type { Sealer } from './keys/sealer.ts'
import { openSharedSecrets } from './keys/open-shared-secrets.ts'
import { drawInBlocks } from './keys/random-blocks.ts'
import type { Metrics } from './metrics/metrics.ts'
import { createChallenger } from './orders/acme/challenger.ts'
import { createAdvancer } from './orders/advance.ts'
import { createPageAnchors } from './orders/page-anchors.ts'
import { type Catalogue, openCatalogue } from './plans/products.ts'
import { createAccessControl } from './ram/create-access-control.ts'
import { openEabKeys } from './ram/eab/eab-keys.ts'
import { type FetchJson, type IssuerKeys, openIssuerKeys } from './ram/oidc/issuer-keys.ts'
import type { Services } from './services.ts'
import { listIssuers } from './storage/accounts.ts'
import type { Database } from './storage/database.ts'
import { listOpenProductCodes } from './storage/orders.ts'
import { type DatabaseFatalError, DatabaseUnusableError } from './storage/errors.ts'
import { openDatabase } from './storage/open-database.ts'
import { transactions } from './transactions.ts'
import { type DomainControl, openDomainControl } from './validation/domain-control.ts'
import { createAddressGuard } from './validation/net/address-guard.ts'
import { createDnsClient, type DnsClient } from './validation/net/dns-client.ts'
import { createGuardedJson } from './validation/net/guarded-json.ts'
import { listSystemResolvers } from './validation/net/system-resolvers.ts'

const randomBytes = drawInBlocks(drawOctets)

/** Services of a process, and what its start has to know. */
export interface OpenedServices {
  readonly services: Services
  readonly installation: OpenedInstallation
  /** Stops the steps of orders that run, then closes the database. */
  close(): Promise<void>
}

/** What a test may put in place of the real thing. */
export interface ServicePorts {
  readonly clock?: () => number
  readonly random?: () => number
  readonly domainControl?: DomainControl
  readonly metrics?: Metrics | undefined
  /** False: refuse where there is no installation yet. */
  readonly mayCreate?: boolean
}

/**
 * Opens everything that a process works with, in order; creates the installation at the first start.
 *
 * @throws DatabaseUnusableError, MasterKeyError or CatalogueError with a message for the operator
 */
export async function openServices(
  settings: Settings,
  log: Logger,
  onFatal: (error: DatabaseFatalError) => void,
  ports: ServicePorts = {},
): Promise<OpenedServices> {
  const wallClock = ports.clock ?? Date.now
  const realControl = ports.domainControl ?? openRealDomainControl(settings)
  const emulated = settings.emulator ? openEmulator(emulatorOptions(settings, wallClock), realControl) : undefined
  const clock = emulated?.emulator.clock ?? wallClock
  const catalogue = openCatalogue(settings)
  assertRestorationWhole(settings)
  const db = await openDatabase({
    databaseUrl: settings.databaseUrl,
    folder: settings.data,
    transactions,
    transactionsUrl: new URL('./transactions.ts', import.meta.url).href,
    queueLimit: settings.writeQueue,
    onFatal,
    clock,
    observer: ports.metrics?.writes,
  })
  try {
    const installation = await openInstallation({ db, clock, randomBytes, settings, catalogue, mayCreate: ports.mayCreate ?? true })
    await finishRestoration({ db, clock }, settings)
    await warnOfMissingProducts(db, catalogue, log)
    const opened = await openAuthority(db, installation.sealer, settings, clock)
    const authority = ports.metrics?.timeSignatures(opened) ?? opened
    const domainControl = emulated?.domainControl ?? realControl
    const secrets = await openSharedSecrets({ db, sealer: installation.sealer, clock, randomBytes })
    const defaultKeyReading = settings.emulator ? 'original' : 'separate'
    const access = createAccessControl({ db, secrets, clock, defaultKeyReading })
    const keyPool = openKeyPool({ size: settings.roles.includes('worker') ? settings.rsaPool : 0 })
    const base = {
      db,
      settings,
      catalogue,
      sealer: installation.sealer,
      operatorAccountId: installation.rootAccountId,
      secrets,
      access,
      eabKeys: openEabKeys({ db, clock }),
      issuerKeys: openIssuers(settings, wallClock, log),
      keyPool,
      authority,
      domainControl: ports.metrics?.countProofs(domainControl) ?? domainControl,
      pageAnchors: createPageAnchors(clock),
      ...(emulated && { emulator: emulated.emulator }),
      clock,
      wallClock,
      randomBytes,
      random: ports.random ?? Math.random,
      log,
    }
    ports.metrics?.watch(base)
    const advancer = createAdvancer(base)
    const challenger = createChallenger({ ...base, advancer })
    return {
      services: { ...base, advancer, challenger },
      installation,
      async close() {
        await challenger.stop()
        await advancer.stop()
        keyPool.stop()
        await db.close()
      },
    }
  } catch (error) {
    await db.close()
    throw error
  }
}

/** An order keeps the code of its product: it cannot go on while an operator's product file lacks it. */
async function warnOfMissingProducts(db: Database, catalogue: Catalogue, log: Logger): Promise<void> {
  const missing = (await listOpenProductCodes(db.read)).filter((code) => catalogue.find(code) === undefined)
  if (missing.length > 0)
    log.error({ missing }, 'orders under way wait for products that are not in the catalogue: put them back into CHANCERY_PRODUCTS_FILE')
}

async function openAuthority(db: Database, sealer: Sealer, settings: Settings, clock: () => number): Promise<CertificateAuthority> {
  const issuers = await listIssuers(db.read)
  const intermediate = issuers.find(({ kind }) => kind === 'intermediate')
  const root = issuers.find(({ id }) => id === intermediate?.parent_id)
  if (intermediate?.key_sealed == null || root === undefined) throw new DatabaseUnusableError('the database holds no issuing CA')
  const madeWith = intermediate.pki_url ?? undefined
  if (settings.pkiUrl !== undefined && settings.pkiUrl !== madeWith) {
    throw new DatabaseUnusableError(
      `CHANCERY_PKI_URL is fixed when the CA is made: this one was made with ${madeWith ?? 'none'}. Take the setting back, or start with a new data folder`,
    )
  }
  const key = sealer.open(intermediate.key_sealed, { purpose: 'issuerKey', accountId: 0, id: intermediate.id })
  try {
    return openEmbeddedAuthority({
      rootDer: root.certificate,
      intermediateDer: intermediate.certificate,
      intermediateKeyPkcs8: key,
      pkiUrl: madeWith,
      clock,
      randomBytes,
    })
  } finally {
    key.fill(0)
  }
}

function emulatorOptions(settings: Settings, realClock: () => number): EmulatorOptions {
  const { emulatorProofs } = settings
  const passAfterMs = emulatorProofs === 'real' ? emulatorProofs : Number(emulatorProofs) * 1000
  return { file: join(settings.data, 'emulator.json'), realClock, passAfterMs }
}

function openRealDns(settings: Settings): DnsClient {
  const resolvers = settings.dnsResolvers.length > 0 ? settings.dnsResolvers : listSystemResolvers()
  return createDnsClient({ resolvers, timeoutMs: settings.dnsTimeoutMs, tries: 2, randomBytes })
}

/** How long one document of an issuer may take, ms. */
const ISSUER_TIMEOUT_MS = 5_000

function openIssuers(settings: Settings, clock: () => number, log: Logger): IssuerKeys {
  let fetchJson: FetchJson | undefined
  // Most installations never fetch: neither resolvers nor roots are read for nothing.
  const open = () =>
    createGuardedJson({
      client: openRealDns(settings),
      guard: createAddressGuard(settings.oidcAllowCidrs),
      extraRoots: settings.oidcRoots,
      timeoutMs: ISSUER_TIMEOUT_MS,
    })
  return openIssuerKeys({ fetchJson: (url) => (fetchJson ??= open())(url), allowed: settings.oidcIssuers, clock, log })
}

function openRealDomainControl(settings: Settings): DomainControl {
  return openDomainControl({
    client: openRealDns(settings),
    web: {
      httpPort: settings.validationHttpPort,
      httpsPort: settings.validationHttpsPort,
      tlsAlpnPort: settings.validationTlsAlpnPort,
      allowed: settings.validationAllowCidrs,
    },
  })
}
