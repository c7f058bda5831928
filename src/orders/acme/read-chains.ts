import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { findAcmeCertificate } from '../../storage/certificates.ts'
import { encodeChain, findIssuerChain } from '../issuer-chain.ts'
import type { AcmeCaller } from './acme-caller.ts'

/** So many chains a certificate has: the default, and the alternates from 1 on. */
export const CHAINS = 2

/**
 * One chain of a certificate of the account as PEM, leaf first (RFC 8555 section 7.4.2): 0 without the root, 1 with it, for those who
 * install a private root together with the certificate. Revoked ones are read too.
 *
 * @throws Problem notFoundCertificate, also for another ACME account's, and for a chain that there is not
 */
export async function readChain(
  { db, authority }: Pick<Services, 'db' | 'authority'>,
  { acmeAccountId }: AcmeCaller,
  certificateId: number,
  alternate: number,
): Promise<string> {
  const row = alternate < CHAINS ? await findAcmeCertificate(db.read, acmeAccountId, certificateId) : undefined
  if (row === undefined) throw new Problem('notFoundCertificate')
  const { chain, rootDer } = await findIssuerChain({ db, authority }, row.issuer_id)
  return encodeChain(row.der, alternate === 1 ? [...chain, rootDer] : chain)
}
