import { readSignatureAlgorithm, signatureAlgorithms, type ParsedAlgorithm, type SignatureAlgorithm } from './algorithm.ts'
import { DerError } from './der-error.ts'
import { assertTag, holdsAt, readChildren, readDer, readFields, type DerValue, type Fields } from './der-reader.ts'
import { readBitStringOctets, readSmallInteger, readUnsigned } from './der-values.ts'
import { contextTag, encodeInteger, encodeSequence, encodeTlv, encodeUnsigned, tags } from './der-writer.ts'
import { readName, type ParsedName } from './name.ts'
import { readExtensions, type ParsedExtension } from './read-extensions.ts'
import { assembleSigned } from './signed.ts'
import { readSpki, type SubjectPublicKey } from './spki.ts'
import { encodeTime, readTime } from './time.ts'

/** What a TBSCertificate is made of. Names and extensions come encoded, so that an issuer's name is copied and never re-encoded. */
export interface CertificateFields {
  /** Hexadecimal, 1 to 20 octets, > 0, top bit of 20 octets clear (RFC 5280 section 4.1.2.2). */
  readonly serial: string
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly issuerDer: Uint8Array
  /** Milliseconds since 1970, cut to seconds; both ends belong to the validity. */
  readonly notBefore: number
  readonly notAfter: number
  readonly subjectDer: Uint8Array
  readonly spkiDer: Uint8Array
  readonly extensions: readonly Uint8Array[]
}

/** Builds a TBSCertificate of version 3 (RFC 5280 section 4.1). Throws a plain Error on fields outside the rules. */
export function buildTbsCertificate(fields: CertificateFields): Uint8Array {
  if (fields.notAfter < fields.notBefore) throw new Error('a certificate that ends before it begins')
  return encodeSequence(
    ...encodeHead(fields),
    fields.subjectDer,
    fields.spkiDer,
    encodeTlv(contextTag(3, 'constructed'), encodeSequence(...fields.extensions)),
  )
}

type HeadFields = Pick<CertificateFields, 'serial' | 'signatureAlgorithm' | 'issuerDer' | 'notBefore' | 'notAfter'>

const version3 = encodeTlv(contextTag(0, 'constructed'), encodeInteger(2))

function encodeHead(fields: HeadFields): Uint8Array[] {
  return [
    version3,
    encodeSerial(fields.serial),
    signatureAlgorithms[fields.signatureAlgorithm].der,
    fields.issuerDer,
    encodeSequence(encodeTime(fields.notBefore), encodeTime(fields.notAfter)),
  ]
}

/** Whether a TBSCertificate begins with exactly these fields, to the octet. Throws DerError on what is no SEQUENCE. */
export function hasTbsCertificateHead(tbsDer: Uint8Array, fields: HeadFields): boolean {
  const members = readChildren(assertTag(readDer(tbsDer), tags.sequence))
  return encodeHead(fields).every((expected, i) => {
    const member = members[i]
    return member !== undefined && member.end - member.start === expected.length && holdsAt(tbsDer, member.start, expected)
  })
}

/** The INTEGER of a serial number in hexadecimal: > 0 and at most 20 octets (RFC 5280 section 4.1.2.2). Throws a plain Error. */
export function encodeSerial(serial: string): Uint8Array {
  const octets = Buffer.from(serial, 'hex')
  // Buffer stops at what is not hexadecimal; the length shows it.
  if (serial.length === 0 || octets.length * 2 !== serial.length || serial.toLowerCase() !== serial)
    throw new Error(`not a serial number: ${serial}`)
  const der = encodeUnsigned(octets)
  if (der.length > 22 || (der.length === 3 && der[2] === 0)) throw new Error(`serial number zero or of more than 20 octets: ${serial}`)
  return der
}

/** Reads a serial number as lower-case hexadecimal of its magnitude. Throws DerError unless it is > 0 and at most 20 octets. */
export function readSerial(value: DerValue): string {
  const magnitude = readUnsigned(value)
  if (value.content.length > 20 || magnitude[0] === 0) throw new DerError('serial number zero or longer than 20 octets')
  return Buffer.from(magnitude).toString('hex')
}

/** Puts a Certificate together from its TBSCertificate and the signature over it. */
export function assembleCertificate(tbsDer: Uint8Array, algorithm: SignatureAlgorithm, signature: Uint8Array): Uint8Array {
  return assembleSigned(tbsDer, signatureAlgorithms[algorithm].der, signature)
}

/** The first members of a TBSCertificate, as far as the validity. */
export interface TbsCertificateHead {
  readonly serial: string
  readonly signatureAlgorithm: ParsedAlgorithm
  readonly issuer: ParsedName
  readonly notBefore: number
  readonly notAfter: number
}

/** A certificate of version 3 as found. Octets are views of the input. */
export interface Certificate extends TbsCertificateHead {
  readonly der: Uint8Array
  readonly tbsDer: Uint8Array
  readonly subject: ParsedName
  readonly publicKey: SubjectPublicKey
  readonly extensions: readonly ParsedExtension[]
  readonly signature: Uint8Array
}

/** Reads what stands before the subject in a TBSCertificate: enough to know which intent it belongs to. Throws DerError. */
export function parseTbsCertificateHead(tbsDer: Uint8Array): TbsCertificateHead {
  return readHead(readFields(readDer(tbsDer)))
}

/** Reads a certificate: version 3 with extensions, both algorithm identifiers equal (RFC 5280 section 4.1.1.2). Throws DerError. */
export function parseCertificate(der: Uint8Array): Certificate {
  const outer = readFields(readDer(der))
  const tbs = outer.take(tags.sequence)
  const algorithm = outer.take(tags.sequence)
  const signature = readBitStringOctets(outer.take(tags.bitString))
  outer.end()
  const fields = readFields(tbs)
  const head = readHead(fields)
  if (Buffer.compare(head.signatureAlgorithm.der, algorithm.der) !== 0) throw new DerError('two different signature algorithms')
  const subject = readName(fields.take(tags.sequence))
  const publicKey = readSpki(fields.take(tags.sequence))
  // issuerUniqueID and subjectUniqueID have no place in certificates of this century (BR 7.1.2).
  const wrapper = readFields(fields.take(contextTag(3, 'constructed')), contextTag(3, 'constructed'))
  const extensions = readExtensions(wrapper.take(tags.sequence))
  wrapper.end()
  fields.end()
  return { ...head, der, tbsDer: tbs.der, subject, publicKey, extensions, signature }
}

function readHead(fields: Fields): TbsCertificateHead {
  const version = readFields(fields.take(contextTag(0, 'constructed')), contextTag(0, 'constructed'))
  if (readSmallInteger(version.take(tags.integer)) !== 2) throw new DerError('not a certificate of version 3')
  version.end()
  const serial = readSerial(fields.take(tags.integer))
  const signatureAlgorithm = readSignatureAlgorithm(fields.take(tags.sequence))
  const issuer = readName(fields.take(tags.sequence))
  const validity = readFields(fields.take(tags.sequence))
  const notBefore = readTime(validity.takeAny())
  const notAfter = readTime(validity.takeAny())
  validity.end()
  return { serial, signatureAlgorithm, issuer, notBefore, notAfter }
}
