import { readSignatureAlgorithm, signatureAlgorithms, type ParsedAlgorithm, type SignatureAlgorithm } from './algorithm.ts'
import { encodeSerial, readSerial } from './certificate.ts'
import { DerError } from './der-error.ts'
import { readChildren, readDer, readFields, type DerValue } from './der-reader.ts'
import { readBitStringOctets, readSmallInteger } from './der-values.ts'
import { contextTag, encodeInteger, encodeSequence, encodeTlv, encodeTlvOf, tags } from './der-writer.ts'
import { encodeAuthorityKeyIdentifier, encodeCrlNumber, encodeIssuingDistributionPoint, encodeReasonCode } from './extensions.ts'
import { readName, type ParsedName } from './name.ts'
import { oids } from './oid.ts'
import { findExtension, readAuthorityKeyIdentifier, readExtensions, readIssuingDistributionPoint } from './read-extensions.ts'
import { assembleSigned } from './signed.ts'
import { encodeTime, readTime } from './time.ts'

/** One revoked certificate. */
export interface RevokedCertificate {
  /** Lower-case hexadecimal as in the certificate. */
  readonly serial: string
  /** Milliseconds since 1970. */
  readonly revokedAt: number
  /** CRLReason (RFC 5280 section 5.3.1); 0, unspecified, is written as no reason (section 5.3.1: SHOULD be absent). */
  readonly reason: number
}

/** What a TBSCertList is made of. */
export interface CrlFields {
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly issuerDer: Uint8Array
  readonly thisUpdate: number
  readonly nextUpdate: number
  /** Entries from {@link encodeRevokedCertificates}, in as many pieces as suits the caller. */
  readonly revokedDer: readonly Uint8Array[]
  /** Strictly increasing per issuer and scope (RFC 5280 section 5.2.3). */
  readonly number: number
  readonly authorityKeyIdentifier: Uint8Array
  /** The address in the certificates of this shard; undefined for a full CRL (BR 7.2.2.1). */
  readonly distributionPoint: string | undefined
}

/** Reasons that a CRL of ours may state: not certificateHold (6, BR 7.2.2), the unused 7, removeFromCRL (8, delta CRLs), aACompromise (10). */
const reasons = [1, 2, 3, 4, 5, 9] as const

/**
 * Encodes CRL entries one after the other in a single buffer. Takes about 1 µs an entry: callers with 100,000 cut the list and
 * let the event loop breathe in between. Throws a plain Error on a malformed entry.
 */
export function encodeRevokedCertificates(revoked: readonly RevokedCertificate[]): Uint8Array {
  const reasonDer = new Map(reasons.map((reason) => [reason as number, encodeSequence(encodeReasonCode(reason))]))
  const parts = { buffer: Buffer.allocUnsafe(revoked.length * maximumEntryOctets), length: 0 }
  for (const entry of revoked) appendEntry(parts, entry, reasonDer)
  return parts.buffer.subarray(0, parts.length)
}

/** Header 2, serial 2 + 20, GeneralizedTime 17, reason 14. The content stays below 128, so that every length has one octet. */
const maximumEntryOctets = 55

function appendEntry(
  parts: { buffer: Buffer; length: number },
  entry: RevokedCertificate,
  reasonDer: ReadonlyMap<number, Uint8Array>,
): void {
  const serial = encodeSerial(entry.serial)
  const time = encodeTime(entry.revokedAt)
  const reason = entry.reason === 0 ? undefined : reasonDer.get(entry.reason)
  if (entry.reason !== 0 && reason === undefined) throw new Error(`not a reason of a CRL: ${entry.reason}`)
  const { buffer } = parts
  let offset = parts.length
  buffer[offset] = tags.sequence
  buffer[offset + 1] = serial.length + time.length + (reason?.length ?? 0)
  offset += 2
  buffer.set(serial, offset)
  offset += serial.length
  buffer.set(time, offset)
  offset += time.length
  if (reason !== undefined) {
    buffer.set(reason, offset)
    offset += reason.length
  }
  parts.length = offset
}

/** Builds a TBSCertList of version 2; revokedCertificates is left out when empty (RFC 5280 section 5.1). Throws a plain Error. */
export function buildTbsCertList(fields: CrlFields): Uint8Array {
  if (fields.nextUpdate <= fields.thisUpdate) throw new Error('a CRL whose next update is not after this one')
  const extensions = [encodeAuthorityKeyIdentifier(fields.authorityKeyIdentifier), encodeCrlNumber(fields.number)]
  if (fields.distributionPoint !== undefined) extensions.push(encodeIssuingDistributionPoint(fields.distributionPoint))
  const isEmpty = fields.revokedDer.every((piece) => piece.length === 0)
  return encodeSequence(
    encodeInteger(1),
    signatureAlgorithms[fields.signatureAlgorithm].der,
    fields.issuerDer,
    encodeTime(fields.thisUpdate),
    encodeTime(fields.nextUpdate),
    ...(isEmpty ? [] : [encodeTlvOf(tags.sequence, fields.revokedDer)]),
    encodeTlv(contextTag(0, 'constructed'), encodeSequence(...extensions)),
  )
}

/** Puts a CertificateList together from its TBSCertList and the signature over it. */
export function assembleCrl(tbsDer: Uint8Array, algorithm: SignatureAlgorithm, signature: Uint8Array): Uint8Array {
  return assembleSigned(tbsDer, signatureAlgorithms[algorithm].der, signature)
}

/** A CRL of version 2 as found. */
export interface Crl {
  readonly der: Uint8Array
  readonly tbsDer: Uint8Array
  readonly issuer: ParsedName
  readonly thisUpdate: number
  readonly nextUpdate: number
  readonly revoked: readonly RevokedCertificate[]
  readonly number: number | undefined
  readonly authorityKeyIdentifier: Uint8Array | undefined
  /** Addresses of issuingDistributionPoint; empty for a full CRL. */
  readonly distributionPoints: readonly string[]
  readonly signatureAlgorithm: ParsedAlgorithm
  readonly signature: Uint8Array
}

/** Reads a CRL of version 2 (RFC 5280 section 5.1), which must have nextUpdate and extensions. Throws DerError. */
export function parseCrl(der: Uint8Array): Crl {
  const outer = readFields(readDer(der))
  const tbs = outer.take(tags.sequence)
  const algorithm = outer.take(tags.sequence)
  const signature = readBitStringOctets(outer.take(tags.bitString))
  outer.end()
  const fields = readFields(tbs)
  if (readSmallInteger(fields.take(tags.integer)) !== 1) throw new DerError('not a CRL of version 2')
  const signatureAlgorithm = readSignatureAlgorithm(fields.take(tags.sequence))
  if (Buffer.compare(signatureAlgorithm.der, algorithm.der) !== 0) throw new DerError('two different signature algorithms')
  const issuer = readName(fields.take(tags.sequence))
  const thisUpdate = readTime(fields.takeAny())
  const nextUpdate = readTime(fields.takeAny())
  const revoked = fields.takeIf(tags.sequence)
  const wrapper = readFields(fields.take(contextTag(0, 'constructed')), contextTag(0, 'constructed'))
  fields.end()
  const extensions = readExtensions(wrapper.take(tags.sequence))
  wrapper.end()
  return {
    der,
    tbsDer: tbs.der,
    issuer,
    thisUpdate,
    nextUpdate,
    revoked: revoked === undefined ? [] : readEntries(revoked),
    number: findExtension(extensions, oids.cRLNumber, (value) => readSmallInteger(value)),
    authorityKeyIdentifier: findExtension(extensions, oids.authorityKeyIdentifier, readAuthorityKeyIdentifier),
    distributionPoints: findExtension(extensions, oids.issuingDistributionPoint, readIssuingDistributionPoint) ?? [],
    signatureAlgorithm,
    signature,
  }
}

function readEntries(list: DerValue): RevokedCertificate[] {
  const entries = readChildren(list)
  if (entries.length === 0) throw new DerError('revokedCertificates without an entry')
  return entries.map((entry) => {
    const fields = readFields(entry)
    const serial = readSerial(fields.take(tags.integer))
    const revokedAt = readTime(fields.takeAny())
    const extensions = fields.takeIf(tags.sequence)
    fields.end()
    const readReason = (value: DerValue): number => readSmallInteger(value, tags.enumerated)
    const reason = extensions === undefined ? 0 : (findExtension(readExtensions(extensions), oids.reasonCode, readReason) ?? 0)
    return { serial, revokedAt, reason }
  })
}
