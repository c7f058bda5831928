import { Problem } from '../problem.ts'
import { insertEvent, SERVICE_ORIGIN } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'

export interface OpenReviewInput {
  readonly orderId: number
  readonly accountId: number
  readonly rev: number
  readonly level: 'OV' | 'EV'
  readonly approvalsNeeded: number
  readonly eventId: number
  readonly now: number
}

/** Stops a proven order until people have decided. A review of an earlier application of the order begins anew. Refuses with `moved`. */
export const openReview = defineWrite({
  async run(tx, input: OpenReviewInput): Promise<void> {
    const { orderId, now } = input
    const [moved] = await Promise.all([
      tx.run(
        `update orders set state = 'reviewing', rev = rev + 1, run_at = null, lease_owner = null, lease_until = null, updated_at = ?
         where id = ? and rev = ? and state = 'ready'`,
        [now, orderId, input.rev],
      ),
      tx.run(`delete from review_decisions where order_id = ?`, [orderId]),
      tx.run(
        `insert into reviews (order_id, account_id, level, approvals_needed, state, opened_at) values (?, ?, ?, ?, 'open', ?)
         on conflict (order_id) do update set level = excluded.level, approvals_needed = excluded.approvals_needed, state = 'open', opened_at = excluded.opened_at, decided_at = null`,
        [orderId, input.accountId, input.level, input.approvalsNeeded, now],
      ),
      insertEvent(tx, {
        id: input.eventId,
        accountId: input.accountId,
        at: now,
        kind: 'review.opened',
        origin: SERVICE_ORIGIN,
        resource: `order/${orderId}`,
        detail: { level: input.level, approvalsNeeded: input.approvalsNeeded },
      }),
    ])
    if (moved.changes === 0) throw new Problem('moved')
  },
})
