import type { RequestContext } from '../gateway/caller.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { clientTokenOf, withClientToken } from '../storage/client-tokens.ts'
import { originOf } from '../storage/events.ts'

const DAY_MS = 86_400_000
const MOST_UNITS = 1_000_000

/** What a tenant buys. */
export interface PlanPurchase {
  readonly context: RequestContext
  /** Whose plan it becomes; undefined: the caller's. */
  readonly accountId?: number | undefined
  readonly productCode: string
  readonly units: number
  readonly clientToken: string | undefined
}

/**
 * Buys certificates of one product for an account: a new plan, valid for the product's term.
 *
 * @returns the plan's id
 * @throws Problem invalidParameter, idempotentParameterMismatch, callerInactive
 */
export async function buyPlan(services: Pick<Services, 'db' | 'catalogue' | 'clock'>, purchase: PlanPurchase): Promise<{ planId: number }> {
  const { db, catalogue, clock } = services
  const { context, productCode, units, accountId = context.caller.accountId } = purchase
  const product = catalogue.find(productCode)
  if (product === undefined) throw new Problem('invalidParameter', { P: 'ProductCode', rule: 'No such product.' })
  if (!Number.isSafeInteger(units) || units < 1 || units > MOST_UNITS) {
    throw new Problem('invalidParameter', { P: 'Count', rule: `A whole number from 1 to ${MOST_UNITS} is needed.` })
  }
  const now = clock()
  const token = clientTokenOf(context, purchase.clientToken, { productCode, units, accountId }, now)
  return await withClientToken(db, token, async () => {
    const planId = await db.nextId('plans')
    await db.write.buyPlan({
      planId,
      ledgerEntryId: await db.nextId('ledger_entries'),
      eventId: await db.nextId('events'),
      caller: context.caller,
      accountId,
      productCode,
      units,
      now,
      validUntil: now + product.termDays * DAY_MS,
      origin: originOf(context),
      token: token ?? null,
    })
    return { planId }
  })
}
