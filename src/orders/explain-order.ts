import type { RequestContext } from '../gateway/caller.ts'
import type { Services } from '../services.ts'
import { findThumbprint } from '../storage/acme-orders.ts'
import { findCertificate } from '../storage/certificates.ts'
import { countValidationAttempts, findRenewal, listEarlierProofs, listOrderEvents, listOrderLedger } from '../storage/order-history.ts'
import { listAuthorizations, listValidationAttempts, type OrderRow } from '../storage/orders.ts'
import { findReview, listDecisions } from '../storage/reviews.ts'
import type { ProofAttempt } from '../validation/proof.ts'
import { adviseOrder } from './advise.ts'
import { loadOrder } from './load-order.ts'
import { earliestAttempt, type OrderFailure } from './order.ts'
import { tellTimeline } from './order-timeline.ts'
import { instructProof } from './proof-instruction.ts'
import { publishAtOf } from './publish-at.ts'
import { readRecordedChecks } from './review-checks.ts'

/** The latest looks that an explanation shows. */
export const MOST_LOOKS = 50

/** The latest events that a timeline tells of. */
const MOST_EVENTS = 200

/** One look at a name of the order. */
export interface ExplainedLook {
  readonly at: number
  readonly name: string
  readonly outcome: string
  readonly message: string
  readonly evidence: ProofAttempt['evidence']
}

type Explained = Awaited<ReturnType<typeof explainOrder>>
export type ExplainedOrder = Explained

/**
 * All that is known of an order of the account: what happened, what every look saw, what people decided, what it cost, and what to do next.
 * Reviewers are named to the operator's account alone. Nothing is looked up in the network.
 *
 * @throws Problem notFoundOrder
 */
export async function explainOrder(
  services: Pick<Services, 'db' | 'operatorAccountId' | 'clock' | 'catalogue'>,
  { caller }: Pick<RequestContext, 'caller'>,
  orderId: number,
) {
  const order = await loadOrder(services, caller.accountId, orderId)
  const { read } = services.db
  const { accountId } = caller
  const [authorizations, attempts, looksOnRecord, review, decisions, ledger, certificate, renewal, earlier, events] = await Promise.all([
    listAuthorizations(read, orderId),
    listValidationAttempts(read, orderId, MOST_LOOKS),
    countValidationAttempts(read, orderId),
    findReview(read, orderId),
    listDecisions(read, [orderId]),
    listOrderLedger(read, accountId, orderId),
    order.certificate_id === null ? undefined : findCertificate(read, order.certificate_id),
    findRenewal(read, orderId),
    listEarlierProofs(read, orderId),
    listOrderEvents(read, accountId, { orderId, certificateId: order.certificate_id }, MOST_EVENTS),
  ])
  const looks: ExplainedLook[] = attempts.map((attempt) => ({
    at: attempt.at,
    name: attempt.identifier,
    outcome: attempt.outcome,
    message: attempt.message,
    // Stored by the service itself.
    evidence: JSON.parse(attempt.evidence) as ProofAttempt['evidence'],
  }))
  const unproven = authorizations
    .filter(({ validated_at }) => validated_at === null)
    .map(({ id, identifier, method, token }) => ({
      identifier,
      method,
      token,
      seen: looks[attempts.findIndex(({ authorization_id }) => authorization_id === id)],
    }))
  const failure = order.failure === null ? undefined : (JSON.parse(order.failure) as OrderFailure)
  const product = services.catalogue.find(order.product_code)
  const shownDecisions = decisions.map(({ at, decision, reason, checks }) => ({
    at,
    decision,
    reason,
    reviewer: accountId === services.operatorAccountId ? readRecordedChecks({ checks }).principal : undefined,
  }))
  const thumbprint = order.acme_account_id === null ? undefined : await findThumbprint(read, order.acme_account_id)
  return {
    order,
    names: authorizations.map((authorization) => ({
      name: authorization.identifier,
      provenAt: authorization.validated_at,
      method: authorization.method,
      instruction: instructProof(authorization, thumbprint),
      publishAt: publishAtOf(authorization, attempts),
    })),
    looks,
    looksLeftOut: looksOnRecord - looks.length,
    review,
    decisions: shownDecisions,
    ledger,
    failure,
    nextAttemptAt: nextAttempt(order),
    timeline: tellTimeline({
      order,
      ledger,
      proofs: [...earlier, ...authorizations],
      review,
      decisions: shownDecisions,
      certificate,
      renewal,
      failure,
      events,
    }),
    advice: adviseOrder(order.state, unproven, {
      failure: failure?.message,
      door: order.acme_account_id === null ? 'rpc' : 'acme',
      term: certificate && {
        now: services.clock(),
        notAfter: certificate.not_after,
        renewable: product?.free === false && product.level === order.level,
        renewal,
      },
    }),
  }
}

function nextAttempt(order: OrderRow): number | undefined {
  if (order.state !== 'validating' || order.run_at === null) return undefined
  return Math.max(order.run_at, earliestAttempt({ attempts: order.attempts, lastAttemptAt: order.last_attempt_at }))
}
