import { readSignatureAlgorithm, signatureAlgorithms, type ParsedAlgorithm, type SignatureAlgorithm } from './algorithm.ts'
import { DerError } from './der-error.ts'
import { assertTag, readChildren, readDer, readFields, type DerValue } from './der-reader.ts'
import { readBitStringOctets, readSmallInteger } from './der-values.ts'
import { contextTag, encodeInteger, encodeSequence, encodeTlv, tags } from './der-writer.ts'
import { encodeExtensionRequest, encodeSubjectAltName } from './extensions.ts'
import { encodeName, findAttribute, readName, type DistinguishedName, type ParsedName } from './name.ts'
import { oids, readOid } from './oid.ts'
import { findExtension, readExtensions, readSubjectAltName, type ParsedExtension, type SubjectAltName } from './read-extensions.ts'
import { assembleSigned } from './signed.ts'
import { readSpki, type SubjectPublicKey } from './spki.ts'

/** What a CertificationRequestInfo is made of. */
export interface CertificationRequestFields {
  readonly subject: DistinguishedName
  readonly spkiDer: Uint8Array
  /** A-labels or wildcards in lower case; asked for as subjectAltName. None: no attribute. */
  readonly dnsNames: readonly string[]
  /** IP addresses in their one spelling, asked for likewise. */
  readonly ipAddresses?: readonly string[] | undefined
}

/** Builds a CertificationRequestInfo (RFC 2986 section 4.1). Throws a plain Error on names outside the rules. */
export function buildCertificationRequestInfo(fields: CertificationRequestFields): Uint8Array {
  const { dnsNames, ipAddresses = [] } = fields
  const isNamed = dnsNames.length + ipAddresses.length > 0
  const attributes = isNamed ? [encodeExtensionRequest([encodeSubjectAltName(dnsNames, 'named subject', ipAddresses)])] : []
  return encodeSequence(
    encodeInteger(0),
    encodeName(fields.subject),
    fields.spkiDer,
    encodeTlv(contextTag(0, 'constructed'), ...attributes),
  )
}

/** Puts a CertificationRequest together from its CertificationRequestInfo and the signature over it. */
export function assembleCertificationRequest(infoDer: Uint8Array, algorithm: SignatureAlgorithm, signature: Uint8Array): Uint8Array {
  return assembleSigned(infoDer, signatureAlgorithms[algorithm].der, signature)
}

/** A CSR as found. Everything in it is what the applicant says; nothing is proven, the signature included. */
export interface CertificationRequest {
  readonly der: Uint8Array
  /** The CertificationRequestInfo: what the signature covers. */
  readonly infoDer: Uint8Array
  readonly subject: ParsedName
  /** The only CN of the subject, if there is exactly one. */
  readonly commonName: string | undefined
  readonly publicKey: SubjectPublicKey
  readonly subjectAltName: SubjectAltName
  readonly signatureAlgorithm: ParsedAlgorithm
  readonly signature: Uint8Array
}

/** Reads a PKCS#10 request (RFC 2986 section 4). Attributes other than extensionRequest are passed over. Throws DerError. */
export function parseCertificationRequest(der: Uint8Array): CertificationRequest {
  const outer = readFields(readDer(der))
  const info = outer.take(tags.sequence)
  const signatureAlgorithm = readSignatureAlgorithm(outer.take(tags.sequence))
  const signature = readBitStringOctets(outer.take(tags.bitString))
  outer.end()
  const fields = readFields(info)
  if (readSmallInteger(fields.take(tags.integer)) !== 0) throw new DerError('not a request of version 1')
  const subject = readName(fields.take(tags.sequence))
  const publicKey = readSpki(fields.take(tags.sequence))
  // Some tools leave the attributes out where RFC 2986 asks for an empty set.
  const attributes = fields.takeIf(contextTag(0, 'constructed'))
  fields.end()
  const extensions = attributes === undefined ? [] : readRequestedExtensions(attributes)
  const subjectAltName = findExtension(extensions, oids.subjectAltName, readSubjectAltName) ?? NO_NAMES
  const commonName = findAttribute(subject, oids.commonName)
  return { der, infoDer: info.der, subject, commonName, publicKey, subjectAltName, signatureAlgorithm, signature }
}

const NO_NAMES: SubjectAltName = { dnsNames: [], ipAddresses: [], otherNames: 0 }

function readRequestedExtensions(attributes: DerValue): ParsedExtension[] {
  const requests = readChildren(attributes).flatMap((attribute) => {
    const fields = readFields(attribute)
    const type = readOid(fields.take(tags.oid))
    const values = readChildren(fields.take(tags.set))
    fields.end()
    return type === oids.extensionRequest ? [values] : []
  })
  const [values, ...others] = requests
  if (values === undefined) return []
  const [value, ...more] = values
  if (value === undefined || more.length > 0 || others.length > 0) throw new DerError('not exactly one extensionRequest')
  // An empty list of extensions is written by some tools and asks for nothing.
  return assertTag(value, tags.sequence).content.length === 0 ? [] : readExtensions(value)
}
