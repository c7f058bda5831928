import { privateKeyPem } from '../keys/key-pair.ts'
import type { Services } from '../services.ts'
import { findCertificateWithKey } from '../storage/certificates.ts'
import { encodeChain, findIssuerChain } from './issuer-chain.ts'
import type { KeyReading } from './key-reading.ts'

/** An issued certificate, as its owner downloads it. */
export interface IssuedContent {
  /** Leaf and issuing CA. */
  readonly certificatePem: string
  /** Undefined if the service does not hold the key, or it is not to be read any more or by this caller. */
  readonly privateKeyPem: string | undefined
  /** The service holds the key. */
  readonly holdsKey: boolean
}

/** Reads an issued certificate of the account, which is there. The key of a revoked one leaves the service no more. */
export async function readIssuedContent(
  { db, sealer, authority }: Pick<Services, 'db' | 'sealer' | 'authority'>,
  accountId: number,
  certificateId: number,
  key: KeyReading,
): Promise<IssuedContent> {
  const row = await findCertificateWithKey(db.read, accountId, certificateId)
  if (row === undefined) throw new Error(`the certificate ${certificateId} is missing`)
  const { chain } = await findIssuerChain({ db, authority }, row.issuer_id)
  return {
    certificatePem: encodeChain(row.der, chain),
    privateKeyPem: key === 'withKey' && row.revoked_at === null ? openKey(sealer, accountId, row) : undefined,
    holdsKey: row.sealed !== null,
  }
}

function openKey(
  sealer: Services['sealer'],
  accountId: number,
  row: { key_id: number | null; sealed: Uint8Array | null },
): string | undefined {
  if (row.sealed === null || row.key_id === null) return undefined
  const pkcs8 = sealer.open(row.sealed, { purpose: 'certificateKey', accountId, id: String(row.key_id) })
  try {
    return privateKeyPem(pkcs8)
  } finally {
    pkcs8.fill(0)
  }
}
