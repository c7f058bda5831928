import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { findCertificateOfAcmeAccount, isReplaced } from '../../storage/acme-orders.ts'
import { parseCertificate } from '../../x509/certificate.ts'
import { hashKeyIdentifier } from '../../x509/spki.ts'
import type { AcmeCaller } from './acme-caller.ts'
import { parseAriId } from './ari-id.ts'

/**
 * The certificate that an order is to replace (RFC 9773 section 5): one of the same ACME account, with at least one of the names.
 *
 * @param given the member `replaces` of the payload
 * @throws Problem acmeMalformed, alreadyReplaced
 */
export async function findReplaced(
  { db, authority }: Pick<Services, 'db' | 'authority'>,
  caller: AcmeCaller,
  given: unknown,
  names: readonly string[],
): Promise<{ readonly ariId: string; readonly certificateId: number } | null> {
  if (given === undefined) return null
  const id = typeof given === 'string' ? parseAriId(given) : undefined
  if (typeof given !== 'string' || id === undefined) throw malformed('replaces is no identifier of a certificate (RFC 9773 section 4.1).')
  const issuer = hashKeyIdentifier(parseCertificate(authority.issuerDer).publicKey)
  const certificate = Buffer.from(issuer).equals(id.keyIdentifier)
    ? await findCertificateOfAcmeAccount(db.read, caller.acmeAccountId, authority.issuerId, id.serial)
    : undefined
  if (certificate === undefined) throw malformed('replaces names no certificate of this account.')
  const replacedNames = certificate.names === null ? [certificate.domain] : (JSON.parse(certificate.names) as string[])
  if (!names.some((name) => replacedNames.includes(name)))
    throw malformed('The order shares no identifier with the certificate it replaces.')
  if (await isReplaced(db.read, certificate.id)) throw new Problem('alreadyReplaced')
  return { ariId: given, certificateId: certificate.id }
}

function malformed(rule: string): Problem {
  return new Problem('acmeMalformed', { rule })
}
