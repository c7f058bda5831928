import type { RequestContext } from '../gateway/caller.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { destructionTime } from '../keys/retention.ts'
import { findCertificate } from '../storage/certificates.ts'
import { originOf } from '../storage/events.ts'
import { hasOtherCertificate } from '../storage/instances.ts'
import type { OrderRow } from '../storage/orders.ts'
import { findPlan } from '../storage/plans.ts'
import { deleteOrder } from './delete-order.ts'
import { loadOrder } from './load-order.ts'
import { hasExpired } from './order-status.ts'
import { prepareRefund } from './prepare-refund.ts'
import { retryMoved } from './retry-moved.ts'
import { revocationReasons } from './revocation-reasons.ts'
import type { RevokeCertificateInput } from './revoke-certificate.tx.ts'

const DAY_MS = 86_400_000

type CancelServices = Pick<Services, 'db' | 'clock' | 'catalogue' | 'settings'>

/**
 * Ends an order for good: revokes an issued certificate, whose unit goes back within the refund window, or deletes what was not applied for.
 *
 * @throws Problem notFoundOrder; orderStateError in any other state, or if the certificate has expired; certificateRevoked if it is revoked
 *   already
 */
export async function cancelOrder(services: CancelServices, context: RequestContext, orderId: number): Promise<void> {
  const order = await loadOrder(services, context.caller.accountId, orderId)
  switch (order.state) {
    case 'issued':
      return await retryMoved(() => revokeIssued(services, context, orderId))
    case 'revoked':
      throw new Problem('certificateRevoked')
    case 'draft':
    case 'withdrawn':
      return await deleteOrder(services, context, orderId)
    case 'validating':
    case 'ready':
    case 'reviewing':
    case 'issuing':
      throw new Problem('orderStateError', {
        rule: 'only an issued order, or one that is not applied for, can be cancelled; withdraw it first with CancelOrderRequest.',
      })
    case 'failed':
      throw new Problem('orderStateError', { rule: 'an order that failed is deleted with DeleteCertificateRequest.' })
    case 'deleted':
      throw new Problem('notFoundOrder')
  }
}

async function revokeIssued(services: CancelServices, context: RequestContext, orderId: number): Promise<void> {
  const { db, clock } = services
  const order = await loadOrder(services, context.caller.accountId, orderId)
  if (order.state === 'revoked') throw new Problem('certificateRevoked')
  const certificate = order.certificate_id === null ? undefined : await findCertificate(db.read, order.certificate_id)
  if (certificate === undefined) throw new Error(`the issued order ${orderId} has no certificate`)
  const now = clock()
  if (hasExpired(certificate.not_after, now)) throw new Problem('orderStateError', { rule: 'its certificate has expired.' })
  await db.write.revokeCertificate({
    certificateId: certificate.id,
    orderId,
    accountId: order.account_id,
    issuerId: certificate.issuer_id,
    crlShard: certificate.crl_shard,
    eventId: await db.nextId('events'),
    now,
    reason: revocationReasons.unspecified,
    destroyKeyAt: destructionTime(now, services.settings),
    origin: originOf(context),
    caller: context.caller,
    refund: await refundInWindow(services, order, { now, issuedAt: certificate.created_at }),
  })
}

/** The refund that a revocation brings: within the window, and not more often than units were bought. */
async function refundInWindow(
  services: CancelServices,
  order: OrderRow,
  { now, issuedAt }: { now: number; issuedAt: number },
): Promise<RevokeCertificateInput['refund']> {
  const days = services.catalogue.find(order.product_code)?.refundDays ?? services.settings.refundDays
  if (now - issuedAt >= days * DAY_MS) return null
  const prepared = await prepareRefund(services, order, { now, afterIssue: true })
  if (prepared === null) return null
  const { instance_id: instanceId } = order
  // Renewals inside the instance's term cost nothing: while one of their certificates is in use the units are.
  if (order.acme_account_id !== null && (await hasOtherCertificate(services.db.read, instanceId, order.id))) return null
  const refund = { ...prepared, instanceId }
  if (refund.planEnded) return refund
  const plan = await findPlan(services.db.read, refund.planId)
  return plan !== undefined && plan.revocation_refunds + refund.units <= plan.total ? refund : null
}
