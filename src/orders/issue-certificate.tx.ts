import { Problem } from '../problem.ts'
import { insertEvent, SERVICE_PRINCIPAL } from '../storage/events.ts'
import { insertSignedCertificate, type SignedCertificate } from '../storage/issuance.ts'
import { insertLedgerEntry } from '../storage/ledger.ts'
import { defineWrite } from '../storage/write.ts'

/** A signed certificate with all that belongs to it. Ids are given; instants in ms. */
export interface IssueCertificateInput extends SignedCertificate {
  readonly orderId: number
  readonly rev: number
  readonly planId: number
  readonly ledgerEntryId: number
  readonly eventId: number
}

/**
 * Stores intent, key and certificate, commits the unit, and ends the order as `issued`: one commit, because the signer is in
 * the process and no signature leaves it before. Refuses with `moved` if another step was first: then nothing is stored, and
 * the caller drops key and signature.
 */
export const issueCertificate = defineWrite({
  locks: (input: IssueCertificateInput) => [{ table: 'plans' as const, id: input.planId }],
  async run(tx, input: IssueCertificateInput): Promise<void> {
    const { accountId, orderId, now } = input
    // The first CRL of a shard is due: the certificate names its address already.
    tx.notify('due')
    const [move] = await Promise.all([
      tx.run(
        `update orders set state = 'issued', rev = rev + 1, certificate_id = ?, run_at = null, lease_owner = null, lease_until = null, updated_at = ?
         where id = ? and rev = ? and state = 'ready'`,
        [input.certificateId, now, orderId, input.rev],
      ),
      ...insertSignedCertificate(tx, input, orderId),
      tx.run(`update plans set issued = issued + 1 where id = ?`, [input.planId]),
      insertLedgerEntry(tx, { id: input.ledgerEntryId, planId: input.planId, accountId, kind: 'commit', units: 1, orderId, at: now }),
      insertEvent(tx, {
        id: input.eventId,
        accountId,
        at: now,
        kind: 'order.issued',
        principal: SERVICE_PRINCIPAL,
        sourceIp: null,
        requestId: null,
        resource: `order/${orderId}`,
        detail: { certificateId: input.certificateId, serial: input.serial, issuer: input.issuerId, review: 'policy' },
      }),
    ])
    if (move.changes === 0) throw new Problem('moved')
  },
})
