import type { StatementResult, Tx } from './write.ts'

/** A certificate as signed, with its intent and its sealed key. Ids are given; instants in ms. */
export interface SignedCertificate {
  readonly certificateId: number
  readonly keyId: number
  readonly accountId: number
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
 * Issues the statements that store a certificate: intent, key, certificate, and the CRL that its shard needs from now on.
 *
 * @param orderId the order that it answers; null: it is the service's own
 */
export function insertSignedCertificate(tx: Tx, signed: SignedCertificate, orderId: number | null): Promise<StatementResult>[] {
  const { now, issuerId, serial, accountId, crlShard } = signed
  return [
    tx.insert('issuance_intents', { issuer_id: issuerId, serial, order_id: orderId, tbs: signed.tbs, created_at: now }),
    tx.insert('keys', {
      id: signed.keyId,
      account_id: accountId,
      algorithm: signed.keyAlgorithm,
      spki_sha256: signed.spkiSha256,
      sealed: signed.sealedKey,
      created_at: now,
      destroy_at: signed.keyDestroyAt,
      destroyed_at: null,
    }),
    tx.insert('certificates', {
      id: signed.certificateId,
      account_id: accountId,
      order_id: orderId,
      source: orderId === null ? 'service' : 'order',
      issuer_id: issuerId,
      serial,
      der: signed.der,
      not_before: signed.notBefore,
      not_after: signed.notAfter,
      key_id: signed.keyId,
      crl_shard: crlShard,
      revoked_at: null,
      revocation_reason: null,
      created_at: now,
    }),
    // The first certificate of a shard opens its CRL.
    tx.run(`insert into crls (issuer_id, shard, number, run_at) values (?, ?, 0, ?) on conflict (issuer_id, shard) do nothing`, [
      issuerId,
      crlShard,
      now,
    ]),
  ]
}
