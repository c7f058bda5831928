import { Problem } from '../../problem.ts'
import { insertBlockedKey } from '../../storage/blocked-keys.ts'
import { insertEvent, type Origin } from '../../storage/events.ts'
import { defineWrite } from '../../storage/write.ts'
import { revocationReasons } from '../revocation-reasons.ts'

export interface UpgradeRevocationInput {
  readonly certificateId: number
  readonly accountId: number
  readonly issuerId: string
  readonly crlShard: number
  /** Hex SHA-256 of the certificate's SubjectPublicKeyInfo. */
  readonly blockedKey: string
  readonly eventId: number
  readonly now: number
  readonly origin: Origin
}

/**
 * Makes keyCompromise the reason of a revocation that had another one, and blocks the key; since when it is revoked stays. Refuses with
 * `certificateRevoked` if that is its reason already.
 */
export const upgradeRevocation = defineWrite({
  async run(tx, input: UpgradeRevocationInput): Promise<void> {
    tx.notify('due')
    const reason = revocationReasons.keyCompromise
    const [upgraded] = await Promise.all([
      tx.run(
        `update certificates set revocation_reason = ? where id = ? and account_id = ? and revoked_at is not null and revocation_reason <> ?`,
        [reason, input.certificateId, input.accountId, reason],
      ),
      // As with a revocation: whoever is signing just now sees that its CRL is not the last.
      tx.run(`update crls set run_at = case when run_at <= ? then run_at - 1 else ? end where issuer_id = ? and shard = ?`, [
        input.now,
        input.now,
        input.issuerId,
        input.crlShard,
      ]),
      insertBlockedKey(tx, { spkiSha256: input.blockedKey, reason, certificateId: input.certificateId, now: input.now }),
      insertEvent(tx, {
        id: input.eventId,
        accountId: input.accountId,
        at: input.now,
        kind: 'certificate.revoked',
        origin: input.origin,
        resource: `certificate/${input.certificateId}`,
        detail: { reason, refunded: false, keyBlocked: true, upgraded: true },
      }),
    ])
    if (upgraded.changes === 0) throw new Problem('certificateRevoked')
  },
})
