import type { Caller } from '../gateway/caller.ts'
import { Problem } from '../problem.ts'
import type { OrderRow } from '../storage/orders.ts'
import { isUser, personOf } from './person.ts'
import type { ReviewedLevel } from './review-checks.ts'

/**
 * Refuses to let a reviewer approve what the same person applied for. Where people have to be told apart, which is in the applicant's own
 * account and for EV, users alone are: keys of the account and names of sessions may be anybody's.
 *
 * @throws Problem reviewerDenied
 */
export function assertMayApprove(caller: Caller, order: Pick<OrderRow, 'account_id' | 'applied_by'>, level: ReviewedLevel): void {
  const person = personOf(caller)
  if (person === order.applied_by) throw denied('Who applied for an order does not approve it.')
  const own = order.account_id === caller.accountId
  if ((own || level === 'EV') && !isUser(person)) {
    throw denied(
      'Neither the account itself nor a session whose beginner is unknown shows which person it is; a user has to approve this order.',
    )
  }
  if (own && !isUser(order.applied_by)) {
    throw denied(
      'The account itself, or a session whose beginner is unknown, applied: nobody of that account approves it; let a user apply for it anew.',
    )
  }
}

/** @throws Problem reviewerDenied if the person decided about this order already */
export function assertNotDecided(person: string, decisions: readonly { readonly reviewer: string }[]): void {
  if (decisions.some(({ reviewer }) => reviewer === person)) throw denied('You approved it already; another person has to decide.')
}

function denied(rule: string): Problem {
  return new Problem('reviewerDenied', { rule })
}
