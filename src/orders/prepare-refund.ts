import type { Services } from '../services.ts'
import { findInstance, type OrderRow } from '../storage/orders.ts'
import { findPlan } from '../storage/plans.ts'
import type { Refund } from '../storage/refunds.ts'

/** What gives an order's unit back to the plan that it was taken from. */
export async function prepareRefund(
  { db }: Pick<Services, 'db'>,
  order: OrderRow,
  { now, afterIssue }: { readonly now: number; readonly afterIssue: boolean },
): Promise<Refund> {
  const instance = await findInstance(db.read, order.instance_id)
  const plan = instance === undefined ? undefined : await findPlan(db.read, instance.plan_id)
  if (plan === undefined) throw new Error(`the order ${order.id} has no plan`)
  return {
    planId: plan.id,
    accountId: order.account_id,
    orderId: order.id,
    refundEntryId: await db.nextId('ledger_entries'),
    expireEntryId: await db.nextId('ledger_entries'),
    now,
    planEnded: plan.valid_until <= now,
    afterIssue,
  }
}
