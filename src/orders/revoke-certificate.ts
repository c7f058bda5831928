import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { findCertificate } from '../storage/certificates.ts'

/** Reasons that a subscriber certificate can be revoked for (RFC 5280 section 5.3.1, BR 7.2.2). */
export const revocationReasons = {
  unspecified: 0,
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  privilegeWithdrawn: 9,
} as const

export type RevocationReason = keyof typeof revocationReasons

/**
 * Revokes a certificate; the CRL that lists it follows within a minute.
 *
 * @throws Problem notFoundCertificate; certificateRevoked if it is revoked already
 */
export async function revokeCertificate(
  services: Pick<Services, 'db' | 'clock'>,
  request: { certificateId: number; reason: RevocationReason; principal: string; sourceIp: string | null; requestId: string | null },
): Promise<void> {
  const { db, clock } = services
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
    now: clock(),
    reason: revocationReasons[request.reason],
    principal: request.principal,
    sourceIp: request.sourceIp,
    requestId: request.requestId,
  })
}
