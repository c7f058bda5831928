import { Problem } from '../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../storage/accounts.ts'
import { insertBlockedKey } from '../storage/blocked-keys.ts'
import { insertEvent, type Origin } from '../storage/events.ts'
import { type Refund, refundUnit } from '../storage/refunds.ts'
import { defineWrite, type StatementResult, type Tx } from '../storage/write.ts'

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
  /** When a private key that the service holds is destroyed, ms, unless that is due before. */
  readonly destroyKeyAt: number
  readonly origin: Origin
  /** Whoever asked has to be active still; null: the service or its operator. */
  readonly caller: WritingCaller | null
  /** The units that go back with it: the instance that they paid ends. */
  readonly refund: (Refund & { readonly instanceId: number }) | null
  /** Hex SHA-256 of the certificate's SubjectPublicKeyInfo, if no certificate may have that key again. */
  readonly blockedKey?: string | undefined
}

/** Revokes a certificate, gives its unit back if told so, and makes its CRL due at once. Refuses with `certificateRevoked`, `callerInactive`, or `moved` if no refund is left, or the instance has another certificate. */
export const revokeCertificate = defineWrite({
  locks: ({ refund }: RevokeCertificateInput) => (refund === null ? [] : [{ table: 'plans' as const, id: refund.planId }]),
  async run(tx, input: RevokeCertificateInput): Promise<void> {
    tx.notify('due')
    const caller = input.caller === null ? undefined : selectActiveCaller(tx, input.caller, { endsOnly: true })
    const refunds = input.refund === null ? [] : refundUnit(tx, input.refund)
    const renewals = input.refund === null ? [] : endInstance(tx, input.refund, input.now)
    const revoked = tx.run(
      `update certificates set revoked_at = ?, revocation_reason = ? where id = ? and account_id = ? and revoked_at is null`,
      [input.now, input.reason, input.certificateId, input.accountId],
    )
    const others = [
      tx.run(`update orders set state = 'revoked', rev = rev + 1, updated_at = ? where id = ? and state = 'issued'`, [
        input.now,
        input.orderId,
      ]),
      tx.run(`update keys set destroy_at = ? where id = (select key_id from certificates where id = ?) and destroy_at > ?`, [
        input.destroyKeyAt,
        input.certificateId,
        input.destroyKeyAt,
      ]),
      tx.run(`update certificate_cards set revoked_at = ? where id = ?`, [input.now, input.certificateId]),
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
        origin: input.origin,
        resource: `certificate/${input.certificateId}`,
        detail: { reason: input.reason, refunded: input.refund !== null, ...(input.blockedKey !== undefined && { keyBlocked: true }) },
      }),
      ...(input.blockedKey === undefined ? [] : [insertBlockedKey(tx, { ...input, spkiSha256: input.blockedKey })]),
    ]
    const [revocation, active, refunded, renewed] = await Promise.all([
      revoked,
      caller,
      refunds[0],
      renewals[1],
      ...renewals,
      ...refunds,
      ...others,
    ])
    if (active?.rows.length === 0) throw new Problem('callerInactive')
    if (revocation.changes === 0) throw new Problem('certificateRevoked')
    if (refunded?.changes === 0) throw new Problem('moved')
    if (renewed !== undefined && renewed.rows.length > 0) throw new Problem('moved')
  },
})

/**
 * Issues the statements that end an instance whose units go back: renewals inside its term that are open end with it. The second result has a row
 * if one of them was issued: its certificate stays, and so the units stay used.
 */
function endInstance(
  tx: Tx,
  { instanceId, orderId }: { readonly instanceId: number; readonly orderId: number },
  now: number,
): Promise<StatementResult>[] {
  return [
    tx.run(
      `update orders set validation_ends_at = ?, run_at = ?, rev = rev + 1, updated_at = ?
        where instance_id = ? and id <> ? and state in ('validating', 'ready')`,
      [now, now, now, instanceId, orderId],
    ),
    tx.run(`select 1 from orders where instance_id = ? and id <> ? and state = 'issued' limit 1`, [instanceId, orderId]),
  ]
}
