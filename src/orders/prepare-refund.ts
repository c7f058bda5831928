import type { Services } from '../services.ts'
import { findEabKeyOfAcmeAccount } from '../storage/eab-keys.ts'
import { findInstance, type OrderRow } from '../storage/orders.ts'
import { findPlan } from '../storage/plans.ts'
import type { Refund } from '../storage/refunds.ts'

/** What gives an order's units back to the plan that they were taken from; null if it took none. */
export async function prepareRefund(
  { db }: Pick<Services, 'db'>,
  order: Pick<OrderRow, 'id' | 'account_id' | 'instance_id' | 'units' | 'acme_account_id'>,
  { now, afterIssue }: { readonly now: number; readonly afterIssue: boolean },
): Promise<Refund | null> {
  if (order.units === 0) return null
  const instance = await findInstance(db.read, order.instance_id)
  const plan = instance === undefined ? undefined : await findPlan(db.read, instance.plan_id)
  if (plan === undefined) throw new Error(`the order ${order.id} has no plan`)
  return {
    planId: plan.id,
    accountId: order.account_id,
    orderId: order.id,
    units: order.units,
    eabKeyId: order.acme_account_id === null ? null : await findEabKeyOfAcmeAccount(db.read, order.acme_account_id),
    refundEntryId: await db.nextId('ledger_entries'),
    expireEntryId: await db.nextId('ledger_entries'),
    now,
    planEnded: plan.valid_until <= now,
    afterIssue,
  }
}
