import { Problem } from '../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../storage/accounts.ts'
import { insertAuthorizations } from '../storage/authorizations.ts'
import { insertEvent, type Origin } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'

export interface SubmitOrderInput {
  readonly orderId: number
  readonly rev: number
  readonly caller: WritingCaller
  readonly origin: Origin
  readonly eventId: number
  readonly authorizations: readonly { readonly id: number; readonly identifier: string; readonly token: string }[]
  readonly method: 'DNS' | 'FILE'
  readonly now: number
  readonly runAt: number
  readonly validationEndsAt: number
}

/** Starts the proof of an order anew; what an earlier application had to prove no longer counts. Refuses with `moved` or `callerInactive`. */
export const submitOrder = defineWrite({
  async run(tx, input: SubmitOrderInput): Promise<void> {
    const { orderId, now } = input
    const { accountId } = input.caller
    tx.notify('due')
    const [moved, caller] = await Promise.all([
      tx.run(
        `update orders set state = 'validating', rev = rev + 1, run_at = ?, attempts = 0, last_attempt_at = null, failure = null,
           validation_ends_at = ?, updated_at = ?
         where id = ? and account_id = ? and rev = ?`,
        [input.runAt, input.validationEndsAt, now, orderId, accountId, input.rev],
      ),
      selectActiveCaller(tx, input.caller),
      tx.run(`delete from order_authorizations where order_id = ?`, [orderId]),
      ...insertAuthorizations(tx, { ...input, accountId, expiresAt: input.validationEndsAt }),
      insertEvent(tx, {
        id: input.eventId,
        accountId,
        at: now,
        kind: 'order.submitted',
        origin: input.origin,
        resource: `order/${orderId}`,
        detail: {},
      }),
    ])
    if (caller.rows.length === 0) throw new Problem('callerInactive')
    if (moved.changes === 0) throw new Problem('moved')
  },
})
