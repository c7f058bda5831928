import { destructionTime } from '../keys/retention.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { findCertificate } from '../storage/certificates.ts'
import type { Origin } from '../storage/events.ts'
import { type RevocationReason, revocationReasons } from './revocation-reasons.ts'

/**
 * Revokes a certificate; the CRL that lists it follows within a minute.
 *
 * @throws Problem notFoundCertificate; certificateRevoked if it is revoked already
 */
export async function revokeCertificate(
  services: Pick<Services, 'db' | 'clock' | 'settings'>,
  request: { certificateId: number; reason: RevocationReason; origin: Origin },
): Promise<void> {
  const { db, clock, settings } = services
  const now = clock()
  const certificate = await findCertificate(db.read, request.certificateId)
  if (certificate === undefined) throw new Problem('notFoundCertificate')
  if (certificate.revoked_at !== null) throw new Problem('certificateRevoked')
  await db.write.revokeCertificate({
    certificateId: certificate.id,
    orderId: certificate.order_id,
    accountId: certificate.account_id,
    issuerId: certificate.issuer_id,
    crlShard: certificate.crl_shard,
    eventId: await db.nextId('events'),
    now,
    reason: revocationReasons[request.reason],
    destroyKeyAt: destructionTime(now, settings),
    origin: request.origin,
    caller: null,
    refund: null,
  })
}
