import { Problem } from '../problem.ts'
import { insertEvent, SERVICE_ORIGIN } from '../storage/events.ts'
import { certificateLine, insertCertificateCard, type NewCertificateCard } from '../storage/certificate-cards.ts'
import { insertKeywordLine } from '../storage/keyword-lines.ts'
import { insertSignedCertificate, type SignedCertificate } from '../storage/issuance.ts'
import { insertLedgerEntry } from '../storage/ledger.ts'
import { defineWrite } from '../storage/write.ts'
import type { CertificateFacts } from './certificate-card.ts'

/** A signed certificate with all that belongs to it. Ids are given; instants in ms. */
export interface IssueCertificateInput extends SignedCertificate {
  readonly orderId: number
  readonly rev: number
  /** The state it is issued from: DV goes there at once, others after a person's approval. */
  readonly state: 'ready' | 'issuing'
  readonly planId: number
  readonly ledgerEntryId: number
  readonly eventId: number
  readonly facts: CertificateFacts
  readonly instance: string
  readonly resource: string
  readonly resourceGroup: string | null
  /** The product of the order is one without price. */
  readonly free: boolean
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
    const card: NewCertificateCard = {
      ...input.facts,
      id: input.certificateId,
      account_id: accountId,
      source: 'order',
      origin: input.free ? 'test' : 'buy',
      order_id: orderId,
      instance: input.instance,
      resource: input.resource,
      name: `cert-${input.certificateId}`,
      name_key: `cert-${input.certificateId}`,
      has_key: input.key === null ? 0 : 1,
      revoked_at: null,
      deleted_at: null,
      resource_group: input.resourceGroup,
      created_at: now,
    }
    // The first CRL of a shard is due: the certificate names its address already.
    tx.notify('due')
    const [move] = await Promise.all([
      tx.run(
        `update orders set state = 'issued', rev = rev + 1, certificate_id = ?, certificate_ends_at = ?, run_at = null, lease_owner = null,
           lease_until = null, updated_at = ?
         where id = ? and rev = ? and state = ?`,
        [input.certificateId, input.notAfter, now, orderId, input.rev, input.state],
      ),
      ...insertSignedCertificate(tx, input, orderId),
      insertCertificateCard(tx, card),
      insertKeywordLine(tx, { accountId, kind: 'certificate', id: card.id, line: certificateLine(card) }),
      tx.run(`update plans set issued = issued + 1 where id = ?`, [input.planId]),
      insertLedgerEntry(tx, { id: input.ledgerEntryId, planId: input.planId, accountId, kind: 'commit', units: 1, orderId, at: now }),
      insertEvent(tx, {
        id: input.eventId,
        accountId,
        at: now,
        kind: 'order.issued',
        origin: SERVICE_ORIGIN,
        resource: `order/${orderId}`,
        detail: {
          certificateId: input.certificateId,
          serial: input.serial,
          issuer: input.issuerId,
          review: input.state === 'ready' ? 'policy' : 'person',
        },
      }),
    ])
    if (move.changes === 0) throw new Problem('moved')
  },
})
