import type { Services } from '../../services.ts'
import { listIssuers } from '../../storage/accounts.ts'
import { parseCertificate } from '../../x509/certificate.ts'
import { hashKeyIdentifier } from '../../x509/spki.ts'

/** The id of the issuing CA whose key has this identifier, the present one or a former; undefined: none of ours. */
export async function findIssuerOfKey({ db }: Pick<Services, 'db'>, keyIdentifier: Uint8Array): Promise<string | undefined> {
  const issuers = await listIssuers(db.read)
  return issuers.find(({ certificate }) => Buffer.compare(hashKeyIdentifier(parseCertificate(certificate).publicKey), keyIdentifier) === 0)
    ?.id
}
