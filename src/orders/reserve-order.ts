import type { RequestContext } from '../gateway/caller.ts'
import type { KeyAlgorithm } from '../keys/key-pair.ts'
import type { Product } from '../plans/products.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import type { Proof } from '../storage/acme-orders.ts'
import type { NewAuthorization } from '../storage/authorizations.ts'
import type { ClientToken } from '../storage/client-tokens.ts'
import { originOf } from '../storage/events.ts'
import { hasPlan, listLivePlans } from '../storage/plans.ts'
import type { ApplicantCsr } from './applicant-csr.ts'
import { drawAuthorizations } from './draw-authorizations.ts'
import { findReusableProofs, type ReuseServices } from './reusable-proofs.ts'
import { backOff, VALIDATION_LIFETIME_MS } from './order.ts'
import type { AcmePart } from './place-order.tx.ts'
import type { Organization } from './organization.ts'
import type { ProofMethod } from './proof-method.ts'
import { personOf } from './person.ts'

const DAY_MS = 86_400_000

/** An order of which everything was checked but the quota. */
export interface CheckedOrder {
  readonly context: RequestContext
  readonly orderId: number
  readonly product: Product
  /** A-labels or wildcards, the first one for the CN. */
  readonly names: readonly string[]
  readonly method: ProofMethod
  /** JSON. */
  readonly applicant: string
  readonly organization: Organization | undefined
  readonly tags: readonly { readonly key: string; readonly value: string }[]
  readonly keyAlgorithm: KeyAlgorithm
  readonly csr: Pick<ApplicantCsr, 'der' | 'spkiSha256'> | undefined
  /** The order that it renews, and the first one of that chain. */
  readonly renewal: { readonly orderId: number; readonly lineageId: number } | undefined
  /** False: it waits as a draft until it is submitted. */
  readonly submitted: boolean
  readonly resourceGroup: string | null
  readonly now: number
  readonly token: ClientToken | undefined
  /** Of an order of the ACME door, and what it has to prove. */
  readonly acme?: {
    readonly part: AcmePart
    readonly authorizations: readonly NewAuthorization[]
    readonly endsAt: number
    readonly proven: boolean
  }
}

type ReserveServices = ReuseServices & Pick<Services, 'randomBytes' | 'random'>

/**
 * Stores an order with a unit of the plan that ends first; a plan found empty under a race is passed over for the next.
 *
 * @throws Problem notFoundPackage, notRemainCount, csrUsed, renewalExists, callerInactive
 */
export async function reserveOrder(services: ReserveServices, order: CheckedOrder): Promise<void> {
  const { db } = services
  const { accountId } = order.context.caller
  const units = order.product.unitCost
  const plans = await listLivePlans(db.read, accountId, order.product.code, order.now)
  for (const plan of plans.filter(({ used, total }) => used + units <= total)) {
    try {
      return await storeOrder(services, order, { planId: plan.id, instanceId: await db.nextId('instances'), units })
    } catch (error) {
      if (!(error instanceof Problem) || error.problem !== 'planExhausted') throw error
    }
  }
  const everBought = plans.length > 0 || (await hasPlan(db.read, accountId, order.product.code))
  throw new Problem(everBought ? 'notRemainCount' : 'notFoundPackage', { P: order.product.code })
}

/** Where an order's certificate is paid: units of a plan for a new instance, or an instance that has them. */
export interface OrderSlot {
  readonly planId: number
  readonly instanceId: number
  /** 0: the instance exists. */
  readonly units: number
}

/** Stores an order in its slot. @throws Problem planExhausted and what the write refuses with */
export async function storeOrder(services: ReserveServices, order: CheckedOrder, slot: OrderSlot): Promise<void> {
  const { db, random } = services
  const { context, product, now, names, acme } = order
  const drawn =
    acme?.authorizations ?? (order.submitted ? await drawAuthorizations(services, names, now, await findProofs(services, order)) : [])
  const proven = acme?.proven ?? (drawn.length > 0 && drawn.every(({ proof }) => proof !== undefined))
  const endsAt = acme?.endsAt ?? now + VALIDATION_LIFETIME_MS
  await db.write.placeOrder({
    orderId: order.orderId,
    ...slot,
    authorizations: drawn,
    acme: acme?.part ?? null,
    ledgerEntryId: slot.units === 0 ? 0 : await db.nextId('ledger_entries'),
    eventId: await db.nextId('events'),
    caller: context.caller,
    origin: originOf(context),
    appliedBy: personOf(context.caller),
    productCode: product.code,
    level: product.level,
    names,
    method: order.method,
    keyAlgorithm: order.keyAlgorithm,
    csr: order.csr?.der ?? null,
    csrSpkiSha256: order.csr?.spkiSha256 ?? null,
    applicant: order.applicant,
    organization: order.organization === undefined ? null : JSON.stringify(order.organization),
    renewal: order.renewal ?? null,
    resourceGroup: order.resourceGroup,
    tags: order.tags,
    now,
    state: !order.submitted ? 'draft' : proven ? 'ready' : 'validating',
    // Nobody but the client moves an order of the ACME door on, until its time is over.
    runAt: acme !== undefined ? endsAt : !order.submitted ? null : proven ? now : now + backOff(0, random()),
    validationEndsAt: endsAt,
    instanceEndsAt: now + product.termDays * DAY_MS,
    token: order.token ?? null,
  })
}

/**
 * Earlier proofs that an order of the RPC door rests on. One that waits for nothing else is issued at once. Where another name, or a person,
 * is waited for, a proof has to count for as long as that may take.
 */
async function findProofs(services: ReserveServices, { context, names, product, now }: CheckedOrder): Promise<ReadonlyMap<string, Proof>> {
  const { accountId } = context.caller
  const proofs = await findReusableProofs(services, names, { accountId, until: now })
  if (proofs.size === 0 || (product.level === 'DV' && proofs.size === names.length)) return proofs
  return await findReusableProofs(services, names, { accountId, until: now + VALIDATION_LIFETIME_MS })
}
