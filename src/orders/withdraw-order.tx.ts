import { Problem } from '../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../storage/accounts.ts'
import { insertEvent, type Origin } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'

export interface WithdrawOrderInput {
  readonly orderId: number
  readonly rev: number
  readonly caller: WritingCaller
  readonly origin: Origin
  readonly eventId: number
  readonly now: number
}

/** Ends what an order of the RPC door waits for; a review that is open ends with it. Refuses with `moved` or `callerInactive`. */
export const withdrawOrder = defineWrite({
  async run(tx, input: WithdrawOrderInput): Promise<void> {
    const { orderId, now } = input
    const { accountId } = input.caller
    const [moved, caller] = await Promise.all([
      tx.run(
        `update orders set state = 'withdrawn', rev = rev + 1, run_at = null, lease_owner = null, lease_until = null, updated_at = ?
         where id = ? and account_id = ? and rev = ?`,
        [now, orderId, accountId, input.rev],
      ),
      selectActiveCaller(tx, input.caller),
      tx.run(`update reviews set state = 'ended', decided_at = ? where order_id = ? and state = 'open'`, [now, orderId]),
      insertEvent(tx, {
        id: input.eventId,
        accountId,
        at: now,
        kind: 'order.withdrawn',
        origin: input.origin,
        resource: `order/${orderId}`,
        detail: {},
      }),
    ])
    if (caller.rows.length === 0) throw new Problem('callerInactive')
    if (moved.changes === 0) throw new Problem('moved')
  },
})
