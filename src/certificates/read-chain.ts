import { X509Certificate } from 'node:crypto'
import { type CertificateFacts, describeKey, factsOf } from '../orders/certificate-card.ts'
import { Problem } from '../problem.ts'
import { type Certificate, parseCertificate } from '../x509/certificate.ts'
import { DerError } from '../x509/der-error.ts'
import type { KeyUsage } from '../x509/extensions.ts'
import { oids } from '../x509/oid.ts'
import { encodePem } from '../x509/pem.ts'
import { findExtension, readKeyUsage } from '../x509/read-extensions.ts'
import { readPastedPem } from './pasted-pem.ts'

/** A certificate with what follows it, leaf first. */
export interface UploadedChain {
  /** Clean PEM of all of them. */
  readonly pem: string
  readonly leaf: ChainLink
  /** What the leaf says of itself. */
  readonly facts: CertificateFacts
  /** What the leaf's key may be used for; undefined: for anything. */
  readonly keyUsage: readonly KeyUsage[] | undefined
  /** Issuers, each the one of the certificate before it. */
  readonly issuers: readonly ChainLink[]
}

/** One certificate, as we read it and as the crypto library does. */
interface ChainLink {
  readonly parsed: Certificate
  readonly x509: X509Certificate
}

const MOST_CHARACTERS = 131_072
const MOST_CERTIFICATES = 10

/**
 * Reads one certificate, or one and its issuers. Only the leaf's key is held against the kinds that are served; the order is checked by
 * {@link assertChain}, after the key was paired.
 *
 * @param P the parameter to name in refusals
 * @throws Problem certificateFormat
 */
export function readChain(text: string, P: string): UploadedChain {
  const refuse = (rule: string) => new Problem('certificateFormat', { P, rule })
  if (text.length > MOST_CHARACTERS) throw refuse(`It has more than ${MOST_CHARACTERS} characters.`)
  try {
    const [leaf, ...issuers] = readLinks(text, refuse)
    if (leaf === undefined) throw refuse('There is no certificate.')
    const facts = factsOf(leaf.parsed)
    if (facts.algorithm === 'OTHER') throw refuse('Its key is none of RSA, EC (P-256, P-384, P-521) and SM2.')
    // PostgreSQL stores no NUL, and nobody can see what else there is.
    if (Object.values(facts).some((fact) => typeof fact === 'string' && /\p{Cc}/u.test(fact)))
      throw refuse('A name in it holds control characters.')
    return {
      pem: [leaf, ...issuers].map(({ parsed }) => encodePem('CERTIFICATE', parsed.der)).join(''),
      leaf,
      facts,
      keyUsage: findExtension(leaf.parsed.extensions, oids.keyUsage, readKeyUsage),
      issuers,
    }
  } catch (error) {
    if (error instanceof DerError) throw refuse(`It is not an X.509 certificate in PEM: ${error.message}.`)
    throw error
  }
}

function readLinks(text: string, refuse: (rule: string) => Problem): ChainLink[] {
  const blocks = readPastedPem(text)
  if (blocks.length > MOST_CERTIFICATES) throw refuse(`There are more than ${MOST_CERTIFICATES} certificates.`)
  return blocks.map(({ label, der }) => {
    if (label !== 'CERTIFICATE' && label !== 'X509 CERTIFICATE') throw refuse('It holds a PEM block that is no certificate.')
    return { parsed: parseCertificate(der), x509: readX509(der, refuse) }
  })
}

function readX509(der: Uint8Array, refuse: (rule: string) => Problem): X509Certificate {
  try {
    return new X509Certificate(der)
  } catch {
    throw refuse('The crypto library refuses the certificate.')
  }
}

/**
 * Holds the order of a chain: each certificate is issued and signed by the one after it, which is a CA's (RFC 5246 section 7.4.2). Nobody
 * asks whom the last one is signed by. Signatures by SM2 keys are not checked: the crypto library knows no signer's identity but the empty
 * one, and the standard's is another (GM/T 0009 section 10).
 *
 * @throws Problem certificateChainMismatch
 */
export function assertChain({ leaf, issuers }: UploadedChain, P: string): void {
  const links = [leaf, ...issuers]
  for (const [index, issuer] of issuers.entries()) {
    const subject = links[index]
    if (subject === undefined || !isIssuedBy(subject, issuer)) {
      throw new Problem('certificateChainMismatch', { P, rule: `Certificate ${index + 1} is not issued by certificate ${index + 2}.` })
    }
  }
}

function isIssuedBy(subject: ChainLink, issuer: ChainLink): boolean {
  if (!issuer.x509.ca || !subject.x509.checkIssued(issuer.x509)) return false
  if (describeKey(issuer.parsed.publicKey.kind).algorithm === 'SM2') return true
  try {
    return subject.x509.verify(issuer.x509.publicKey)
  } catch {
    // A key that the library cannot use has signed nothing that it could check.
    return false
  }
}
