import { Problem } from '../problem.ts'
import { insertEvent, SERVICE_PRINCIPAL } from '../storage/events.ts'
import { insertLedgerEntry } from '../storage/ledger.ts'
import { defineWrite } from '../storage/write.ts'

/** A signed certificate with all that belongs to it. Ids are given; instants in ms. */
export interface IssueCertificateInput {
  readonly orderId: number
  readonly accountId: number
  readonly rev: number
  readonly planId: number
  readonly certificateId: number
  readonly keyId: number
  readonly ledgerEntryId: number
  readonly eventId: number
  readonly now: number
  readonly issuerId: string
  readonly serial: string
  readonly tbs: Uint8Array
  readonly der: Uint8Array
  readonly notBefore: number
  readonly notAfter: number
  readonly crlShard: number
  readonly keyAlgorithm: string
  readonly spkiSha256: string
  readonly sealedKey: Uint8Array
  readonly keyDestroyAt: number
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
      tx.insert('issuance_intents', {
        issuer_id: input.issuerId,
        serial: input.serial,
        order_id: orderId,
        tbs: input.tbs,
        created_at: now,
      }),
      tx.insert('keys', {
        id: input.keyId,
        account_id: accountId,
        algorithm: input.keyAlgorithm,
        spki_sha256: input.spkiSha256,
        sealed: input.sealedKey,
        created_at: now,
        destroy_at: input.keyDestroyAt,
        destroyed_at: null,
      }),
      tx.insert('certificates', {
        id: input.certificateId,
        account_id: accountId,
        order_id: orderId,
        source: 'order',
        issuer_id: input.issuerId,
        serial: input.serial,
        der: input.der,
        not_before: input.notBefore,
        not_after: input.notAfter,
        key_id: input.keyId,
        crl_shard: input.crlShard,
        revoked_at: null,
        revocation_reason: null,
        created_at: now,
      }),
      // The first certificate of a shard opens its CRL.
      tx.run(`insert into crls (issuer_id, shard, number, run_at) values (?, ?, 0, ?) on conflict (issuer_id, shard) do nothing`, [
        input.issuerId,
        input.crlShard,
        now,
      ]),
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
