import type { Caller } from '../gateway/action.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { type ClientToken, hashInput, withClientToken } from '../storage/client-tokens.ts'

const DAY_MS = 86_400_000
const MOST_UNITS = 1_000_000

/** What a tenant buys. */
export interface PlanPurchase {
  readonly caller: Caller
  readonly productCode: string
  readonly units: number
  readonly clientToken: string | undefined
  readonly action: string
  readonly sourceIp: string
  readonly requestId: string
}

/**
 * Buys certificates of one product for an account: a new plan, valid for the product's term.
 *
 * @returns the plan's id
 * @throws Problem invalidParameter, idempotentParameterMismatch, callerInactive
 */
export async function buyPlan(services: Pick<Services, 'db' | 'catalogue' | 'clock'>, purchase: PlanPurchase): Promise<{ planId: number }> {
  const { db, catalogue, clock } = services
  const { caller, productCode, units } = purchase
  const product = catalogue.find(productCode)
  if (product === undefined) throw new Problem('invalidParameter', { P: 'ProductCode', rule: 'No such product.' })
  if (!Number.isSafeInteger(units) || units < 1 || units > MOST_UNITS) {
    throw new Problem('invalidParameter', { P: 'Count', rule: `A whole number from 1 to ${MOST_UNITS} is needed.` })
  }
  const now = clock()
  const token: ClientToken | undefined =
    purchase.clientToken === undefined
      ? undefined
      : {
          accountId: caller.accountId,
          principal: caller.principal,
          action: purchase.action,
          token: purchase.clientToken,
          inputSha256: hashInput({ productCode, units }),
          now,
        }
  return await withClientToken(db, token, async () => {
    const planId = await db.nextId('plans')
    await db.write.buyPlan({
      planId,
      ledgerEntryId: await db.nextId('ledger_entries'),
      eventId: await db.nextId('events'),
      accountId: caller.accountId,
      accessKeyId: caller.accessKeyId,
      principal: caller.principal,
      productCode,
      units,
      now,
      validUntil: now + product.termDays * DAY_MS,
      sourceIp: purchase.sourceIp,
      requestId: purchase.requestId,
      token: token ?? null,
    })
    return { planId }
  })
}
