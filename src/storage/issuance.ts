import type { StatementResult, Tx } from './write.ts'

/** A certificate as signed, with its intent and its sealed key. Ids are given; instants in ms. */
export interface SignedCertificate {
  readonly certificateId: number
  readonly accountId: number
  readonly now: number
  readonly issuerId: string
  readonly serial: string
  readonly tbs: Uint8Array
  readonly der: Uint8Array
  readonly notBefore: number
  readonly notAfter: number
  readonly crlShard: number
  /** The key in custody; null: the applicant holds it. */
  readonly key: CustodyKey | null
}

/** A private key that the service keeps for the applicant. */
export interface CustodyKey {
  readonly id: number
  readonly algorithm: string
  readonly spkiSha256: string
  readonly sealed: Uint8Array
  readonly destroyAt: number
}

/**
 * Issues the statements that store a certificate: intent, key, certificate. It needs {@link openCrl} too.
 *
 * @param orderId the order that it answers; null: it is the service's own
 */
export function insertSignedCertificate(tx: Tx, signed: SignedCertificate, orderId: number | null): Promise<StatementResult>[] {
  const { now, issuerId, serial, accountId, crlShard, key } = signed
  return [
    tx.insert('issuance_intents', { issuer_id: issuerId, serial, order_id: orderId, tbs: signed.tbs, created_at: now }),
    ...(key === null
      ? []
      : [
          tx.insert('keys', {
            id: key.id,
            account_id: accountId,
            algorithm: key.algorithm,
            spki_sha256: key.spkiSha256,
            sealed: key.sealed,
            created_at: now,
            destroy_at: key.destroyAt,
            destroyed_at: null,
          }),
        ]),
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
      key_id: key?.id ?? null,
      crl_shard: crlShard,
      revoked_at: null,
      revocation_reason: null,
      created_at: now,
    }),
  ]
}

/** Issues the statement by which the first certificate of a shard opens its CRL, which is due then; it changes nothing afterwards. */
export function openCrl(tx: Tx, { issuerId, crlShard, now }: SignedCertificate): Promise<StatementResult> {
  return tx.run(`insert into crls (issuer_id, shard, number, run_at) values (?, ?, 0, ?) on conflict (issuer_id, shard) do nothing`, [
    issuerId,
    crlShard,
    now,
  ])
}
