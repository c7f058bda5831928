import type { RequestContext } from '../gateway/caller.ts'
import type { KeyAlgorithm } from '../keys/key-pair.ts'
import type { Product } from '../plans/products.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import type { ClientToken } from '../storage/client-tokens.ts'
import { originOf } from '../storage/events.ts'
import { hasPlan, listLivePlans } from '../storage/plans.ts'
import type { ApplicantCsr } from './applicant-csr.ts'
import { drawAuthorizations } from './draw-authorizations.ts'
import { backOff, VALIDATION_LIFETIME_MS } from './order.ts'
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
}

/**
 * Stores an order with a unit of the plan that ends first; a plan found empty under a race is passed over for the next.
 *
 * @throws Problem notFoundPackage, notRemainCount, csrUsed, renewalExists, callerInactive
 */
export async function reserveOrder(services: Pick<Services, 'db' | 'randomBytes' | 'random'>, order: CheckedOrder): Promise<void> {
  const { db } = services
  const { accountId } = order.context.caller
  const plans = await listLivePlans(db.read, accountId, order.product.code, order.now)
  for (const plan of plans.filter(({ used, total }) => used < total)) {
    try {
      return await store(services, order, plan)
    } catch (error) {
      if (!(error instanceof Problem) || error.problem !== 'planExhausted') throw error
    }
  }
  const everBought = plans.length > 0 || (await hasPlan(db.read, accountId, order.product.code))
  throw new Problem(everBought ? 'notRemainCount' : 'notFoundPackage', { P: order.product.code })
}

async function store(services: Pick<Services, 'db' | 'randomBytes' | 'random'>, order: CheckedOrder, plan: { id: number }): Promise<void> {
  const { db, random } = services
  const { context, product, now, names } = order
  await db.write.placeOrder({
    orderId: order.orderId,
    instanceId: await db.nextId('instances'),
    authorizations: order.submitted ? await drawAuthorizations(services, names, now) : [],
    ledgerEntryId: await db.nextId('ledger_entries'),
    eventId: await db.nextId('events'),
    planId: plan.id,
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
    state: order.submitted ? 'validating' : 'draft',
    runAt: order.submitted ? now + backOff(0, random()) : null,
    validationEndsAt: now + VALIDATION_LIFETIME_MS,
    instanceEndsAt: now + product.termDays * DAY_MS,
    token: order.token ?? null,
  })
}
