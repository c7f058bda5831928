import { Problem } from '../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../storage/accounts.ts'
import { insertEvent, type Origin, SERVICE_ORIGIN } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'

export interface DecideReviewInput {
  readonly orderId: number
  /** The owner of the order. */
  readonly accountId: number
  readonly rev: number
  /** The reviewer, of the operator's account. */
  readonly caller: WritingCaller
  readonly origin: Origin
  /** Who the reviewer is as a person: none decides twice. */
  readonly person: string
  readonly decision: 'approve' | 'reject'
  readonly reason: string
  /** JSON: the reviewer's principal, and the checks. */
  readonly checks: string
  /** `open`: another person has to approve too. */
  readonly outcome: 'open' | 'approved' | 'rejected'
  /** JSON: {@link import('./order.ts').OrderFailure} of a rejection. */
  readonly failure: string | null
  /** Of the reviewer's event, and of the decision. */
  readonly eventId: number
  /** Of the event in the owner's trail, which does not tell who decided. */
  readonly ownerEventId: number
  readonly now: number
}

const states = { open: 'reviewing', approved: 'issuing', rejected: 'failed' } as const

/**
 * Stores a decision; the deciding one moves the order on. Each counts the order's revision up, so that two at a time see each other. Refuses
 * with `moved` or `callerInactive`.
 */
export const decideReview = defineWrite({
  async run(tx, input: DecideReviewInput): Promise<void> {
    const { orderId, accountId, now, outcome, decision } = input
    const resource = `order/${orderId}`
    const detail = { decision, outcome, reason: input.reason }
    if (outcome === 'approved') tx.notify('due')
    const [moved, review, , caller] = await Promise.all([
      tx.run(
        `update orders set state = ?, rev = rev + 1, run_at = ?, failure = ?, updated_at = ?
         where id = ? and rev = ? and state = 'reviewing'`,
        [states[outcome], outcome === 'approved' ? now : null, input.failure, now, orderId, input.rev],
      ),
      tx.run(`update reviews set state = ?, decided_at = ? where order_id = ? and state = 'open'`, [
        outcome,
        outcome === 'open' ? null : now,
        orderId,
      ]),
      // Who approved can still reject: the last word of a person counts, and events keep both.
      tx.run(
        `insert into review_decisions (id, order_id, reviewer, decision, reason, checks, at) values (?, ?, ?, ?, ?, ?, ?)
         on conflict (order_id, reviewer) do update
           set decision = excluded.decision, reason = excluded.reason, checks = excluded.checks, at = excluded.at`,
        [input.eventId, orderId, input.person, decision, input.reason, input.checks, now],
      ),
      selectActiveCaller(tx, input.caller),
      insertEvent(tx, {
        id: input.eventId,
        accountId: input.caller.accountId,
        at: now,
        kind: 'review.decided',
        origin: input.origin,
        resource,
        detail: { ...detail, checks: input.checks },
      }),
      insertEvent(tx, {
        id: input.ownerEventId,
        accountId,
        at: now,
        kind: outcome === 'rejected' ? 'order.failed' : 'review.decided',
        origin: SERVICE_ORIGIN,
        resource,
        detail,
      }),
    ])
    if (caller.rows.length === 0) throw new Problem('callerInactive')
    if (moved.changes === 0 || review.changes === 0) throw new Problem('moved')
  },
})
