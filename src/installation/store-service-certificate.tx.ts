import { defineWrite } from '../storage/write.ts'

export interface StoreServiceCertificateInput {
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
  readonly spkiSha256: string
  readonly sealedKey: Uint8Array
  readonly keyDestroyAt: number
}

/** Stores intent, key and certificate of the service's own listener. */
export const storeServiceCertificate = defineWrite({
  async run(tx, input: StoreServiceCertificateInput): Promise<void> {
    await Promise.all([
      tx.insert('issuance_intents', {
        issuer_id: input.issuerId,
        serial: input.serial,
        order_id: null,
        tbs: input.tbs,
        created_at: input.now,
      }),
      tx.insert('keys', {
        id: input.keyId,
        account_id: input.accountId,
        algorithm: 'ECC_256',
        spki_sha256: input.spkiSha256,
        sealed: input.sealedKey,
        created_at: input.now,
        destroy_at: input.keyDestroyAt,
        destroyed_at: null,
      }),
      tx.insert('certificates', {
        id: input.certificateId,
        account_id: input.accountId,
        order_id: null,
        source: 'service',
        issuer_id: input.issuerId,
        serial: input.serial,
        der: input.der,
        not_before: input.notBefore,
        not_after: input.notAfter,
        key_id: input.keyId,
        crl_shard: input.crlShard,
        revoked_at: null,
        revocation_reason: null,
        created_at: input.now,
      }),
      tx.run(`insert into crls (issuer_id, shard, number, run_at) values (?, ?, 0, ?) on conflict (issuer_id, shard) do nothing`, [
        input.issuerId,
        input.crlShard,
        input.now,
      ]),
    ])
  },
})
