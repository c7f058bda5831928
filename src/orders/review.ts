import type { Services } from '../services.ts'
import type { OrderRow } from '../storage/orders.ts'
import { listDecisions } from '../storage/reviews.ts'
import { assertMoves } from './order.ts'

/** Different people who have to approve an order of a level (EVG 5.3.1: for EV two). */
export const approvalsNeeded = { OV: 1, EV: 2 } as const

/** Hands a proven OV or EV order to its reviewers. */
export async function openReview({ db, clock }: Pick<Services, 'db' | 'clock'>, order: OrderRow, level: 'OV' | 'EV'): Promise<void> {
  assertMoves(order.state, 'reviewing')
  await db.write.openReview({
    orderId: order.id,
    accountId: order.account_id,
    rev: order.rev,
    level,
    approvalsNeeded: approvalsNeeded[level],
    eventId: await db.nextId('events'),
    now: clock(),
  })
}

/**
 * Counts the approvals of an order once more before it is signed for: other people than the applicant, as many as its level needs.
 *
 * @throws Error (a bug) if it got as far without them
 */
export async function assertApproved(
  { db }: Pick<Services, 'db'>,
  order: Pick<OrderRow, 'id' | 'level' | 'state' | 'applied_by'>,
): Promise<void> {
  if (order.level === 'DV') return
  const decisions = await listDecisions(db.read, [order.id])
  const approvals = decisions.filter(({ decision, reviewer }) => decision === 'approve' && reviewer !== order.applied_by)
  if (order.state !== 'issuing' || approvals.length < approvalsNeeded[order.level]) {
    throw new Error(`the ${order.level} order ${order.id} is not issued without the approvals that it needs`)
  }
}
