import type { RequestContext } from '../gateway/caller.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { originOf } from '../storage/events.ts'
import { findOrderOfAnyAccount, type OrderRow } from '../storage/orders.ts'
import { findReview, listDecisions, type ReviewRow } from '../storage/reviews.ts'
import { assertMoves, type OrderFailure } from './order.ts'
import { retryMoved } from './retry-moved.ts'
import {
  assertComplete,
  assertFresh,
  type GivenCheck,
  parseChecks,
  readRecordedChecks,
  type RecordedChecks,
  requiredChecks,
  type ReviewCheck,
} from './review-checks.ts'
import { personOf } from './person.ts'
import { assertMayApprove, assertNotDecided } from './reviewer.ts'

/** What a reviewer says of an order. */
export interface ReviewVerdict {
  readonly orderId: number
  readonly decision: 'approve' | 'reject'
  /** In the reviewer's words, for the applicant; needed to reject. At most 500 characters. */
  readonly reason: string
  readonly checks: readonly GivenCheck[]
}

const REASON_LENGTH = 500

/**
 * Decides about an order that people review. The deciding approval lets it be issued at once; a rejection ends it, and its unit stays used
 * until it is deleted. The caller is of the operator's account, and may do this by its policies.
 *
 * @returns what became of the review
 * @throws Problem notFoundOrder; orderStateError if no review is open; reviewerDenied; invalidParameter or missingParameter; callerInactive
 */
export async function decideReview(
  services: Pick<Services, 'db' | 'clock'>,
  context: RequestContext,
  verdict: ReviewVerdict,
): Promise<ReviewRow['state']> {
  const reason = parseReason(verdict)
  return await retryMoved(async () => {
    const { order, review } = await loadOpenReview(services, verdict.orderId)
    const approvals = await listDecisions(services.db.read, [order.id])
    const last = approvals.length + 1 >= review.approvals_needed
    const now = services.clock()
    const checks = parseChecks(verdict.checks, review.level, now)
    if (verdict.decision === 'approve') {
      assertMayApprove(context.caller, order, review.level)
      assertNotDecided(personOf(context.caller), approvals)
      assertComplete(checks, requiredChecks(review.level, last))
      assertFresh([...approvals.flatMap((one) => readRecordedChecks(one).checks), ...checks], now)
    }
    const outcome = verdict.decision === 'reject' ? 'rejected' : last ? 'approved' : 'open'
    await store(services, context, { order, decision: verdict.decision, reason, checks, outcome, now })
    return outcome
  })
}

interface Decided extends Pick<ReviewVerdict, 'decision' | 'reason'> {
  readonly order: OrderRow
  readonly checks: readonly ReviewCheck[]
  readonly outcome: 'open' | 'approved' | 'rejected'
  readonly now: number
}

async function store({ db }: Pick<Services, 'db'>, context: RequestContext, decided: Decided): Promise<void> {
  const { order, decision, reason, checks, outcome, now } = decided
  if (outcome === 'approved') assertMoves(order.state, 'issuing')
  if (outcome === 'rejected') assertMoves(order.state, 'failed')
  const failure: OrderFailure = { reason: 'reviewRejected', message: `The review rejected the order: ${reason}` }
  await db.write.decideReview({
    orderId: order.id,
    accountId: order.account_id,
    rev: order.rev,
    caller: context.caller,
    origin: originOf(context),
    person: personOf(context.caller),
    decision,
    reason,
    checks: JSON.stringify({ principal: context.caller.principal, checks } satisfies RecordedChecks),
    outcome,
    failure: outcome === 'rejected' ? JSON.stringify(failure) : null,
    eventId: await db.nextId('events'),
    ownerEventId: await db.nextId('events'),
    now,
  })
}

async function loadOpenReview({ db }: Pick<Services, 'db'>, orderId: number): Promise<{ order: OrderRow; review: ReviewRow }> {
  const order = await findOrderOfAnyAccount(db.read, orderId)
  if (order === undefined || order.state === 'deleted') throw new Problem('notFoundOrder')
  const review = await findReview(db.read, orderId)
  if (review?.state !== 'open' || order.state !== 'reviewing') {
    throw new Problem('orderStateError', { rule: 'no review of it is open.' })
  }
  return { order, review }
}

function parseReason({ decision, reason }: ReviewVerdict): string {
  const text = reason.trim()
  if (decision === 'reject' && text === '') throw new Problem('missingParameter', { P: 'Reason' })
  if (text.length > REASON_LENGTH) {
    throw new Problem('invalidParameter', { P: 'Reason', rule: `At most ${REASON_LENGTH} characters are allowed.` })
  }
  return text
}
