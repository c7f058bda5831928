import { Problem } from '../problem.ts'
import { insertEvent } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'

export interface RevokeCertificateInput {
  readonly certificateId: number
  readonly orderId: number | null
  readonly accountId: number
  readonly issuerId: string
  readonly crlShard: number
  readonly eventId: number
  readonly now: number
  /** RFC 5280 section 5.3.1. */
  readonly reason: number
  readonly principal: string
  readonly sourceIp: string | null
  readonly requestId: string | null
}

/** Revokes a certificate and makes its CRL due at once. Refuses with `certificateRevoked`. */
export const revokeCertificate = defineWrite({
  async run(tx, input: RevokeCertificateInput): Promise<void> {
    tx.notify('due')
    const [revoked] = await Promise.all([
      tx.run(`update certificates set revoked_at = ?, revocation_reason = ? where id = ? and account_id = ? and revoked_at is null`, [
        input.now,
        input.reason,
        input.certificateId,
        input.accountId,
      ]),
      tx.run(`update orders set state = 'revoked', rev = rev + 1, updated_at = ? where id = ? and state = 'issued'`, [
        input.now,
        input.orderId,
      ]),
      // Always another value than before, whatever the clocks say: whoever is signing just now sees that its CRL is not the last.
      tx.run(`update crls set run_at = case when run_at <= ? then run_at - 1 else ? end where issuer_id = ? and shard = ?`, [
        input.now,
        input.now,
        input.issuerId,
        input.crlShard,
      ]),
      insertEvent(tx, {
        id: input.eventId,
        accountId: input.accountId,
        at: input.now,
        kind: 'certificate.revoked',
        principal: input.principal,
        sourceIp: input.sourceIp,
        requestId: input.requestId,
        resource: `certificate/${input.certificateId}`,
        detail: { reason: input.reason },
      }),
    ])
    if (revoked.changes === 0) throw new Problem('certificateRevoked')
  },
})
