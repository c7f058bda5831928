import { Problem } from '../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../storage/accounts.ts'
import { insertEvent, SERVICE_ORIGIN } from '../storage/events.ts'
import { certificateLine, insertCertificateCard, type NewCertificateCard } from '../storage/certificate-cards.ts'
import { insertKeywordLine } from '../storage/keyword-lines.ts'
import { selectPayingInstance } from '../storage/instances.ts'
import { insertSignedCertificate, openCrl, type SignedCertificate } from '../storage/issuance.ts'
import { insertLedgerEntry } from '../storage/ledger.ts'
import { defineWrite, type StatementResult, type Tx } from '../storage/write.ts'
import type { CertificateFacts } from './certificate-card.ts'

/** A signed certificate with all that belongs to it. Ids are given; instants in ms. */
export interface IssueCertificateInput extends SignedCertificate {
  readonly orderId: number
  readonly rev: number
  /** The state it is issued from: DV goes there at once, others after a person's approval. */
  readonly state: 'ready' | 'issuing'
  readonly planId: number
  readonly instanceId: number
  /** Units that the order took; 0: they are committed already, by the first order of the instance, whose term is over or not. */
  readonly units: number
  /** The CSR that came with the wish to issue; null: the order has its own, or none. */
  readonly csr: Uint8Array | null
  /** Whoever asks; null: the service goes on by itself. */
  readonly caller: WritingCaller | null
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
 * the process and no signature leaves it before. Refuses with `moved` if another step was first, with `callerInactive`, or with `orderNotReady`
 * if the units of a free renewal have gone back: then nothing is stored, and the caller drops key and signature.
 */
export const issueCertificate = defineWrite({
  locks: ({ planId }: IssueCertificateInput) => [{ table: 'plans' as const, id: planId }],
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
    const caller = input.caller === null ? undefined : selectActiveCaller(tx, input.caller)
    const paying = input.units === 0 ? selectPayingInstance(tx, { instanceId: input.instanceId, accountId, at: 0 }) : undefined
    const [move, crl] = await Promise.all([
      tx.run(
        // The state is a literal: as a parameter, which indexes ask for, it would make SQLite plan the statement at each run.
        `update orders set state = 'issued', rev = rev + 1, certificate_id = ?, certificate_ends_at = ?, csr = coalesce(?, csr), run_at = null, lease_owner = null,
           lease_until = null, updated_at = ?
         where id = ? and rev = ? and state = ${input.state === 'ready' ? `'ready'` : `'issuing'`}`,
        [input.certificateId, input.notAfter, input.csr, now, orderId, input.rev],
      ),
      openCrl(tx, input),
      ...insertSignedCertificate(tx, input, orderId),
      insertCertificateCard(tx, card),
      insertKeywordLine(tx, { accountId, kind: 'certificate', id: card.id, line: certificateLine(card) }),
      ...(input.units === 0 ? [] : commitUnits(tx, input)),
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
    if ((await caller)?.rows.length === 0) throw new Problem('callerInactive')
    if (move.changes === 0) throw new Problem('moved')
    if ((await paying)?.rows.length === 0) throw new Problem('orderNotReady', { status: 'invalid' })
    // The certificate names the address of its CRL already.
    if (crl.changes > 0) tx.notify('due')
  },
})

function commitUnits(tx: Tx, { planId, accountId, units, orderId, ledgerEntryId, now }: IssueCertificateInput): Promise<StatementResult>[] {
  return [
    tx.run(`update plans set issued = issued + ? where id = ?`, [units, planId]),
    insertLedgerEntry(tx, { id: ledgerEntryId, planId, accountId, kind: 'commit', units, orderId, at: now }),
  ]
}
