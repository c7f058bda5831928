import { readIssuedContent } from '../orders/issued-content.ts'
import type { KeyReading } from '../orders/key-reading.ts'
import type { Services } from '../services.ts'
import type { CertificateCardRow } from '../storage/certificate-cards.ts'
import { findUploadedCertificate } from '../storage/uploaded-certificates.ts'
import { openUploadedKey } from './uploaded-keys.ts'

/** A certificate of an account with its chain and keys. Of an SM2 pair the first two fields are the signing one's. */
export interface CertificateContent {
  /** Leaf first. */
  readonly certificatePem: string
  /** Undefined if the service does not hold the key, or it is not to be read. */
  readonly privateKeyPem: string | undefined
  readonly encrypt: { readonly certificatePem: string; readonly privateKeyPem: string | undefined } | undefined
  /** The service holds the key. */
  readonly holdsKey: boolean
}

/** Reads the content of a certificate that is issued or uploaded. */
export async function readContent(
  services: Pick<Services, 'db' | 'sealer' | 'authority'>,
  { id, account_id: accountId, source }: Pick<CertificateCardRow, 'id' | 'account_id' | 'source'>,
  key: KeyReading,
): Promise<CertificateContent> {
  if (source === 'order') return { ...(await readIssuedContent(services, accountId, id, key)), encrypt: undefined }
  const row = await findUploadedCertificate(services.db.read, accountId, id)
  if (row === undefined) throw new Error(`the uploaded certificate ${id} has no content`)
  const open = (sealed: Uint8Array | null, use: 'main' | 'encrypt') =>
    key === 'withKey' && sealed !== null ? openUploadedKey(services.sealer, sealed, { accountId, certificateId: id }, use) : undefined
  return {
    certificatePem: row.certificate_pem,
    privateKeyPem: open(row.key_sealed, 'main'),
    encrypt:
      row.encrypt_pem === null ? undefined : { certificatePem: row.encrypt_pem, privateKeyPem: open(row.encrypt_key_sealed, 'encrypt') },
    holdsKey: row.key_sealed !== null,
  }
}
