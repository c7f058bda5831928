import { defaultAcmeProductCode, type Product } from '../../plans/products.ts'
import { Problem } from '../../problem.ts'
import { assertAllowsProduct, assertFitsEabKey, type EabKey } from '../../ram/eab/eab-key.ts'
import type { Services } from '../../services.ts'
import { countOpenOfPrincipal } from '../../storage/acme-orders.ts'
import { findFreeInstance } from '../../storage/instances.ts'
import { createAddressGuard } from '../../validation/net/address-guard.ts'
import { reserveOrder, storeOrder, type CheckedOrder } from '../reserve-order.ts'
import { retryMoved } from '../retry-moved.ts'
import { KEY_LENGTH, parseTags } from '../tags.ts'
import type { AcmeCaller } from './acme-caller.ts'
import { type Identifier, parseIdentifiers } from './identifiers.ts'
import { assertMayOrder } from './permission.ts'
import { ORDER_LIFETIME_MS, planProofs } from './plan-proofs.ts'
import { findReplaced } from './replaced-certificate.ts'
import { findSameOrder, hashNames, hashWish } from './same-order.ts'
import { parseValidity, type WishedValidity } from './validity.ts'
import type { AcmeOrderView } from './views.ts'

/** The payload of newOrder (RFC 8555 section 7.4), its members as they came. */
export interface AcmeOrderRequest {
  readonly identifiers: unknown
  readonly profile?: unknown
  readonly notBefore?: unknown
  readonly notAfter?: unknown
  readonly replaces?: unknown
}

type PlaceServices = Pick<
  Services,
  'db' | 'clock' | 'catalogue' | 'settings' | 'access' | 'eabKeys' | 'randomBytes' | 'random' | 'authority'
>

/**
 * Places an order at the ACME door: units are reserved, and each name gets an authorization, valid already where a proof of before counts. An
 * open order of the account for the same is given back instead of a second one.
 *
 * @throws Problem acmeMalformed, unsupportedIdentifier, rejectedIdentifier, identifiersRejected, invalidProfile, alreadyReplaced,
 *   noPermission, tooManyOpenOrders, notFoundPackage, notRemainCount, eabKeySpent, callerInactive
 */
export async function placeAcmeOrder(services: PlaceServices, caller: AcmeCaller, request: AcmeOrderRequest): Promise<AcmeOrderView> {
  const { settings } = services
  const now = services.clock()
  const eabKey = caller.eabKeyId === null ? undefined : await services.eabKeys.load(caller.eabKeyId)
  const { product, profile } = chooseProduct(services, eabKey, request.profile)
  const identifiers = parseIdentifiers(request.identifiers, product, createAddressGuard(settings.validationAllowCidrs))
  const names = identifiers.map(({ value }) => value)
  if (eabKey !== undefined) assertFitsEabKey(eabKey, names)
  const validity = parseValidity(request, product, now, services.authority.notAfter)
  const tags = parseTags(eabKey?.tags ?? [], { list: 'Tags', keyLength: KEY_LENGTH })
  await assertMayOrder(services, caller, { productCode: product.code, names, tags }, undefined)

  const replaces = typeof request.replaces === 'string' ? request.replaces : null
  const wishSha256 = hashWish({ names, productCode: product.code, ...validity, replaces })
  const checked = { product, profile, identifiers, names, tags, validity, replaces: request.replaces, wishSha256, now }
  return await retryMoved(async () => {
    const same = await findSameOrder(services, caller, wishSha256)
    if (same !== undefined) return same
    try {
      return await placeNew(services, caller, checked)
    } catch (error) {
      // What was missing, units or a place, may have gone to an order for the same, placed at this moment.
      const first = error instanceof Problem ? await findSameOrder(services, caller, wishSha256) : undefined
      if (first === undefined) throw error
      return first
    }
  })
}

/** A request of which all was checked that can be without the database's word. */
interface CheckedRequest {
  readonly product: Product
  readonly profile: string | null
  readonly identifiers: readonly Identifier[]
  readonly names: readonly string[]
  readonly tags: CheckedOrder['tags']
  readonly validity: WishedValidity
  readonly replaces: unknown
  readonly wishSha256: string
  readonly now: number
}

async function placeNew(services: PlaceServices, caller: AcmeCaller, checked: CheckedRequest): Promise<AcmeOrderView> {
  const { db, settings } = services
  const { product, profile, identifiers, names, validity, now } = checked
  await assertMayOpenMore(services, caller)
  const replaces = await findReplaced(services, caller, checked.replaces, names)
  const plan = await planProofs(services, caller, names, now)
  const orderId = await db.nextId('orders')
  const endsAt = now + ORDER_LIFETIME_MS
  await storeInSlot(services, {
    context: caller.context,
    orderId,
    product,
    names,
    method: 'DNS',
    applicant: NO_APPLICANT,
    organization: undefined,
    tags: checked.tags,
    keyAlgorithm: product.keyAlgorithm,
    csr: undefined,
    renewal: undefined,
    submitted: true,
    resourceGroup: null,
    now,
    token: undefined,
    acme: {
      part: {
        acmeAccountId: caller.acmeAccountId,
        eabKeyId: caller.eabKeyId,
        joined: plan.joined,
        identifiers: JSON.stringify(identifiers),
        namesSha256: hashNames(names),
        wishSha256: checked.wishSha256,
        validFrom: Math.max(now, validity.notBefore ?? now),
        mostOpen: settings.acmeOpenOrders,
        freeRenewals: product.renewals === 'free',
        profile,
        ...validity,
        replaces,
      },
      authorizations: plan.created,
      endsAt,
      proven: plan.proven,
    },
  })
  return {
    id: orderId,
    status: plan.proven ? 'ready' : 'pending',
    expires: endsAt,
    identifiers,
    authorizationIds: [...plan.joined, ...plan.created.map(({ id }) => id)].toSorted((a, b) => a - b),
    certificateId: null,
    error: null,
    profile: product.code,
    ...validity,
    replaces: replaces?.ariId ?? null,
    retryAfterS: 1,
  }
}

/** ACME knows no applicant. */
const NO_APPLICANT = JSON.stringify({ username: '', phone: '', email: '' })

function chooseProduct(
  { catalogue }: Pick<Services, 'catalogue'>,
  eabKey: EabKey | undefined,
  profile: unknown,
): { product: Product; profile: string | null } {
  if (profile !== undefined && typeof profile !== 'string') throw new Problem('acmeMalformed', { rule: 'profile must be a text.' })
  const code = profile ?? eabKey?.products[0] ?? defaultAcmeProductCode
  const product = catalogue.find(code)
  if (product === undefined || product.level !== 'DV') {
    throw new Problem('invalidProfile', { rule: 'There is no such profile; the directory lists them all.' })
  }
  if (eabKey !== undefined) assertAllowsProduct(eabKey, code)
  return { product, profile: profile ?? null }
}

/** A hint that spares work; the write counts again. */
async function assertMayOpenMore({ db, settings }: PlaceServices, { context }: AcmeCaller): Promise<void> {
  const limit = settings.acmeOpenOrders
  const open = await countOpenOfPrincipal(db.read, context.caller.accountId, context.caller.principal)
  if (open >= limit) throw new Problem('tooManyOpenOrders', { limit: String(limit) })
}

/** A renewal that begins inside the term of an instance that includes it takes no unit; anything else reserves units for a new instance. */
async function storeInSlot(services: PlaceServices, order: CheckedOrder): Promise<void> {
  const { db } = services
  if (order.acme?.part.freeRenewals === true) {
    const { namesSha256, validFrom } = order.acme.part
    const { accountId } = order.context.caller
    const instance = await findFreeInstance(db.read, { accountId, productCode: order.product.code, namesSha256, at: validFrom })
    if (instance !== undefined) return await storeOrder(services, order, { planId: instance.plan_id, instanceId: instance.id, units: 0 })
  }
  await reserveOrder(services, order)
}
