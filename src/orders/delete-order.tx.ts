import { Problem } from '../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../storage/accounts.ts'
import { insertEvent, type Origin } from '../storage/events.ts'
import { type Refund, refundUnit } from '../storage/refunds.ts'
import { defineWrite } from '../storage/write.ts'

export interface DeleteOrderInput {
  readonly orderId: number
  readonly rev: number
  readonly caller: WritingCaller
  readonly origin: Origin
  readonly eventId: number
  /** Null: it has no units to give back. */
  readonly refund: Refund | null
  readonly now: number
}

/** Ends an order for good and gives its unit back. Refuses with `moved` or `callerInactive`. */
export const deleteOrder = defineWrite({
  locks: ({ refund }: DeleteOrderInput) => (refund === null ? [] : [{ table: 'plans' as const, id: refund.planId }]),
  async run(tx, input: DeleteOrderInput): Promise<void> {
    const { orderId, now } = input
    const { accountId } = input.caller
    const refund = input.refund === null ? [] : refundUnit(tx, input.refund)
    const [moved, caller] = await Promise.all([
      tx.run(
        `update orders set state = 'deleted', rev = rev + 1, run_at = null, updated_at = ? where id = ? and account_id = ? and rev = ?`,
        [now, orderId, accountId, input.rev],
      ),
      selectActiveCaller(tx, input.caller),
      insertEvent(tx, {
        id: input.eventId,
        accountId,
        at: now,
        kind: 'order.deleted',
        origin: input.origin,
        resource: `order/${orderId}`,
        detail: { planId: input.refund?.planId ?? null },
      }),
    ])
    if (caller.rows.length === 0) throw new Problem('callerInactive')
    if (moved.changes === 0) throw new Problem('moved')
    const [refunded] = await Promise.all(refund)
    if (refunded?.changes === 0) throw new Error(`the plan ${input.refund?.planId ?? 0} is missing`)
  },
})
