import { Problem } from '../../problem.ts'
import { type Certificate, parseCertificate } from '../../x509/certificate.ts'
import { DerError } from '../../x509/der-error.ts'
import { oids } from '../../x509/oid.ts'
import { findExtension, readAuthorityKeyIdentifier } from '../../x509/read-extensions.ts'
import { revocationReasons } from '../revocation-reasons.ts'

/** What a subscriber may state; privilegeWithdrawn is the operator's word (BR 7.2.2). */
const allowedReasons: readonly number[] = [
  revocationReasons.unspecified,
  revocationReasons.keyCompromise,
  revocationReasons.affiliationChanged,
  revocationReasons.superseded,
  revocationReasons.cessationOfOperation,
]

const MOST_CHARACTERS = 32_768

/** The payload of revokeCert (RFC 8555 section 7.6), its members as they came. */
export interface RevocationRequest {
  readonly certificate?: unknown
  readonly reason?: unknown
}

export interface ParsedRevocation {
  readonly certificate: Certificate
  /** Of the key that signed it, as the certificate says (RFC 5280 section 4.2.1.1). */
  readonly keyIdentifier: Uint8Array | undefined
  /** RFC 5280 section 5.3.1; 0 if none was given. */
  readonly reason: number
}

/**
 * Reads the payload of revokeCert.
 *
 * @throws Problem acmeMalformed, badRevocationReason
 */
export function parseRevocation({ certificate, reason = 0 }: RevocationRequest): ParsedRevocation {
  if (typeof certificate !== 'string' || certificate.length > MOST_CHARACTERS || !/^[A-Za-z0-9_-]+$/.test(certificate)) {
    throw malformed('certificate must be a certificate in DER, base64url without "=".')
  }
  if (typeof reason !== 'number' || !Number.isInteger(reason)) throw malformed('reason must be a whole number.')
  if (!allowedReasons.includes(reason)) throw new Problem('badRevocationReason', { allowed: allowedReasons.join(', ') })
  try {
    const parsed = parseCertificate(Buffer.from(certificate, 'base64url'))
    return {
      certificate: parsed,
      keyIdentifier: findExtension(parsed.extensions, oids.authorityKeyIdentifier, readAuthorityKeyIdentifier),
      reason,
    }
  } catch (error) {
    if (error instanceof DerError) throw malformed(`certificate is no X.509 certificate in DER: ${error.message}.`)
    throw error
  }
}

function malformed(rule: string): Problem {
  return new Problem('acmeMalformed', { rule })
}
