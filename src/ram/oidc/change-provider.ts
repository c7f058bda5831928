import type { RequestContext } from '../../gateway/caller.ts'
import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { findOidcProvider, type OidcProviderRow } from '../../storage/oidc-providers.ts'
import { nameKey } from '../name-key.ts'
import { prepareRamChange } from '../ram-change.ts'
import { assertStoredName } from '../stored-name.ts'
import { readTexts } from './provider.ts'
import {
  issuanceHours,
  parseIssuanceHours,
  parseIssuerUrl,
  parseProviderDescription,
  parseProviderName,
  parseTexts,
} from './provider-terms.ts'

type ProviderServices = Pick<Services, 'db' | 'clock' | 'access'>

/**
 * Makes a provider. Whether its issuer may be asked for keys is for the operator to say, and counts when a token comes.
 *
 * @throws Problem invalidRamValue, oidcProviderExists, oidcIssuerExists, limitExceeded, callerInactive
 */
export async function createOidcProvider(
  services: ProviderServices,
  context: RequestContext,
  given: {
    readonly name: string
    readonly issuerUrl: string
    readonly clientIds: readonly string[]
    readonly fingerprints: readonly string[]
    readonly description: string
    readonly issuanceLimitHours: number | undefined
  },
): Promise<OidcProviderRow> {
  const { db } = services
  const name = parseProviderName(given.name)
  await db.write.createOidcProvider({
    ...(await prepareRamChange(services, context)),
    providerId: await db.nextId('oidc_providers'),
    name,
    nameKey: nameKey(name),
    issuerUrl: parseIssuerUrl(given.issuerUrl),
    clientIds: parseTexts('ClientIds', given.clientIds),
    fingerprints: parseTexts('Fingerprints', given.fingerprints),
    description: parseProviderDescription(given.description, 'Description'),
    issuanceLimitHours: parseIssuanceHours(given.issuanceLimitHours ?? issuanceHours.default),
  })
  return await loadOidcProvider(services, context.caller.accountId, name)
}

/** What can change of a provider. */
export interface ProviderTerms {
  readonly clientIds: readonly string[]
  readonly fingerprints: readonly string[]
  readonly description: string
  readonly issuanceLimitHours: number
}

const MOST_TRIES = 5

/**
 * Changes a provider. Sessions that run keep their end.
 *
 * @param change from what it is to what it is to be; asked again if another change came between
 * @throws Problem invalidRamValue, limitExceeded, entityNotExist, callerInactive, serviceUnavailable
 */
export async function updateOidcProvider(
  services: ProviderServices,
  context: RequestContext,
  name: string,
  change: (now: ProviderTerms) => Partial<ProviderTerms>,
): Promise<OidcProviderRow> {
  const { accountId } = context.caller
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const row = await loadNamed(services, context, name)
    try {
      await storeTerms(services, context, row, change)
      return await loadOidcProvider(services, accountId, name)
    } catch (error) {
      if (!(error instanceof Problem) || error.problem !== 'moved') throw error
    }
  }
  throw new Problem('serviceUnavailable')
}

async function storeTerms(
  services: ProviderServices,
  context: RequestContext,
  row: OidcProviderRow,
  change: (now: ProviderTerms) => Partial<ProviderTerms>,
): Promise<void> {
  const now: ProviderTerms = {
    clientIds: readTexts(row.client_ids),
    fingerprints: readTexts(row.fingerprints),
    description: row.description,
    issuanceLimitHours: row.issuance_limit_hours,
  }
  const terms = { ...now, ...change(now) }
  await services.db.write.updateOidcProvider({
    ...(await prepareRamChange(services, context)),
    providerId: row.id,
    name: row.name,
    updatedAt: row.updated_at,
    clientIds: parseTexts('ClientIds', terms.clientIds),
    fingerprints: parseTexts('Fingerprints', terms.fingerprints),
    description: parseProviderDescription(terms.description, 'NewDescription'),
    issuanceLimitHours: parseIssuanceHours(terms.issuanceLimitHours),
  })
}

/**
 * Deletes a provider. Nobody begins a session by it any more; those that run keep their end.
 *
 * @throws Problem entityNotExist, callerInactive
 */
export async function deleteOidcProvider(services: ProviderServices, context: RequestContext, name: string): Promise<void> {
  const { id, name: stored } = await loadNamed(services, context, name)
  await services.db.write.deleteOidcProvider({ ...(await prepareRamChange(services, context)), providerId: id, name: stored })
}

/**
 * A provider of the caller's account, in whatever case it was named.
 *
 * @throws Problem entityNotExist, noPermission
 */
export async function loadNamed(
  services: Pick<Services, 'db' | 'access'>,
  context: RequestContext,
  name: string,
): Promise<OidcProviderRow> {
  const row = await loadOidcProvider(services, context.caller.accountId, name)
  await assertStoredName(services, context, { type: 'oidc-provider', given: name, stored: row.name })
  return row
}

/** @throws Problem entityNotExist (`EntityNotExist.OIDCProvider`) */
async function loadOidcProvider({ db }: Pick<Services, 'db'>, accountId: number, name: string): Promise<OidcProviderRow> {
  const provider = await findOidcProvider(db.read, accountId, nameKey(name))
  if (provider === undefined) throw new Problem('entityNotExist', { P: 'OIDCProvider', what: 'OIDC provider' })
  return provider
}
