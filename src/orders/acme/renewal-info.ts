import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { findValidity } from '../../storage/certificates.ts'
import { type AriId, parseAriId } from './ari-id.ts'
import { findIssuerOfKey } from './issuer-of-key.ts'
import { type RenewalWindow, suggestWindow } from './renewal-window.ts'

/**
 * When a certificate shall be renewed (RFC 9773 section 4), whoever asks: the identifier stands in the certificate itself.
 *
 * @throws Problem acmeMalformed for what is no identifier, notFoundCertificate
 */
export async function findRenewalWindow(services: Pick<Services, 'db'>, text: string): Promise<RenewalWindow> {
  const id = parseAriId(text)
  if (id === undefined) throw new Problem('acmeMalformed', { rule: 'That is no identifier of a certificate (RFC 9773 section 4.1).' })
  const certificate = await findCertificateByAri(services, id)
  if (certificate === undefined) throw new Problem('notFoundCertificate')
  const { not_before: notBefore, not_after: notAfter, revoked_at: revokedAt } = certificate
  return suggestWindow({ id: text, notBefore, notAfter, revokedAt })
}

/** The certificate that an identifier names, of whichever issuing CA. */
export async function findCertificateByAri(
  services: Pick<Services, 'db'>,
  { keyIdentifier, serial }: AriId,
): Promise<Awaited<ReturnType<typeof findValidity>>> {
  const issuerId = await findIssuerOfKey(services, keyIdentifier)
  return issuerId === undefined ? undefined : await findValidity(services.db.read, issuerId, serial)
}
