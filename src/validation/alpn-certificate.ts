import { X509Certificate, timingSafeEqual } from 'node:crypto'
import { type Certificate, parseCertificate } from '../x509/certificate.ts'
import { DerError } from '../x509/der-error.ts'
import { assertTag, readChildren } from '../x509/der-reader.ts'
import type { DerValue } from '../x509/der-reader.ts'
import { readOctetString } from '../x509/der-values.ts'
import { contextTag, tags } from '../x509/der-writer.ts'
import { parseIpAddress } from '../x509/ip-address.ts'
import { oids } from '../x509/oid.ts'
import type { ParsedExtension } from '../x509/read-extensions.ts'
import { quoteValue } from './net/quote-value.ts'

export interface AlpnExpectation {
  /** A-label name in lower case, or literal address in its canonical form. */
  readonly name: string
  /** SHA-256 of the key authorization, 32 octets. */
  readonly digest: Uint8Array
}

const namesShown = 3

/**
 * What is wrong with the certificate that a server showed for tls-alpn-01, in words that follow "the certificate"; undefined if nothing is.
 * It must hold the name alone, octet for octet (RFC 8737 section 3, RFC 8738 section 6), and the digest in a critical extension, no extension
 * twice, and be signed by its own key. Its validity is not looked at.
 */
export function findAlpnCertificateFault(der: Uint8Array, expected: AlpnExpectation): string | undefined {
  try {
    const certificate = parseCertificate(der)
    const { extensions } = certificate
    // The signature comes last: only who holds the key authorization can make us compute with a key of their choice.
    return (
      findNameFault(
        extensions.find(({ oid }) => oid === oids.subjectAltName),
        expected.name,
      ) ??
      findDigestFault(
        extensions.find(({ oid }) => oid === oids.acmeIdentifier),
        expected.digest,
      ) ??
      findSignatureFault(certificate)
    )
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    return `cannot be read (${error.message})`
  }
}

function findNameFault(extension: ParsedExtension | undefined, name: string): string | undefined {
  if (extension === undefined) return 'has no subjectAltName'
  const names = readChildren(assertTag(extension.value, tags.sequence))
  const address = parseIpAddress(name)
  const [tag, octets] = address === undefined ? [nameTag, Buffer.from(name, 'latin1')] : [addressTag, address]
  const [only, ...others] = names
  if (only !== undefined && others.length === 0 && only.tag === tag && Buffer.compare(only.content, octets) === 0) return undefined
  return `has the subjectAltName ${listNames(names)} where only ${address === undefined ? 'dNSName' : 'iPAddress'} ${quoteValue(name)} belongs`
}

const nameTag = contextTag(2, 'primitive')
const addressTag = contextTag(7, 'primitive')

function listNames(names: readonly DerValue[]): string {
  if (names.length === 0) return 'without names'
  const more = names.length - namesShown
  return names.slice(0, namesShown).map(describeName).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

function describeName({ tag, content }: DerValue): string {
  if (tag === nameTag) return `dNSName ${quoteValue(Buffer.from(content).toString('latin1'))}`
  const octets = Buffer.from(content.subarray(0, 16)).toString('hex')
  return tag === addressTag ? `iPAddress ${octets}` : `of type ${tag & 0x1f}`
}

function findDigestFault(extension: ParsedExtension | undefined, digest: Uint8Array): string | undefined {
  if (extension === undefined) return 'has no acmeIdentifier'
  if (!extension.critical) return 'has an acmeIdentifier that is not critical'
  const seen = readOctetString(extension.value)
  if (seen.length !== digest.length) return `has an acmeIdentifier of ${seen.length} octets instead of ${digest.length}`
  return timingSafeEqual(seen, digest) ? undefined : 'has another acmeIdentifier than the digest of the key authorization'
}

function findSignatureFault({ der, issuer, subject }: Certificate): string | undefined {
  const fault = 'is not signed by its own key'
  if (Buffer.compare(issuer.der, subject.der) !== 0) return fault
  try {
    const certificate = new X509Certificate(der)
    return certificate.verify(certificate.publicKey) ? undefined : fault
  } catch {
    // A key of a kind that OpenSSL does not verify with.
    return fault
  }
}
