import { hash } from 'node:crypto'
import { DerError } from './der-error.ts'
import { holdsAt, readDer, readFields, readWrapped, type DerValue } from './der-reader.ts'
import { readBitStringOctets, readUnsigned } from './der-values.ts'
import { encodeBitString, encodeSequence, tags } from './der-writer.ts'
import { encodeOid, oids, readOid } from './oid.ts'

/** What a SubjectPublicKeyInfo holds, as far as profiles ask. */
export type PublicKeyKind =
  | { readonly type: 'rsa'; readonly bits: number; readonly modulus: Uint8Array; readonly exponent: Uint8Array }
  | { readonly type: 'ec'; readonly curve: 'P-256' | 'P-384' | 'P-521' }
  | { readonly type: 'other'; readonly oid: string }

/** A SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7). `keyOctets` are those of its BIT STRING. */
export interface SubjectPublicKey {
  readonly der: Uint8Array
  readonly keyOctets: Uint8Array
  readonly kind: PublicKeyKind
}

/** Reads a SubjectPublicKeyInfo that stands alone. Throws DerError; see {@link readSpki}. */
export function parseSpki(der: Uint8Array): SubjectPublicKey {
  return readSpki(readDer(der))
}

/**
 * Reads a SubjectPublicKeyInfo. RSA must have parameters NULL, EC a named curve of BR 6.1.5 and an uncompressed point of its
 * length (RFC 3279 section 2.3.1, RFC 5480 section 2); whether the point lies on the curve is for the crypto library.
 * Throws DerError.
 */
export function readSpki(value: DerValue): SubjectPublicKey {
  return readKnownCurve(value) ?? readFully(value)
}

/** A key of a named curve is always the same up to its point. */
function readKnownCurve(value: DerValue): SubjectPublicKey | undefined {
  const { octets, start, end } = value
  for (const { curve, prefix, pointOctets } of curves.values()) {
    if (end - start !== prefix.length + pointOctets || !holdsAt(octets, start, prefix) || octets[start + prefix.length] !== 0x04) continue
    const { der } = value
    return { der, keyOctets: der.subarray(prefix.length), kind: { type: 'ec', curve } }
  }
  return undefined
}

function readFully(value: DerValue): SubjectPublicKey {
  const fields = readFields(value)
  const algorithm = readFields(fields.take(tags.sequence))
  const key = fields.take(tags.bitString)
  fields.end()
  const oid = readOid(algorithm.take(tags.oid))
  const keyOctets = readBitStringOctets(key)
  switch (oid) {
    case oids.rsaEncryption: {
      if (algorithm.take(tags.null).content.length !== 0) throw new DerError('NULL with contents')
      algorithm.end()
      return { der: value.der, keyOctets, kind: readRsaKey(key, keyOctets) }
    }
    case oids.ecPublicKey: {
      const curve = readOid(algorithm.take(tags.oid))
      algorithm.end()
      return { der: value.der, keyOctets, kind: readEcKey(curve, keyOctets) }
    }
    default:
      return { der: value.der, keyOctets, kind: { type: 'other', oid } }
  }
}

function readRsaKey(outer: DerValue, octets: Uint8Array): PublicKeyKind {
  const fields = readFields(readWrapped(outer, octets))
  const modulus = readUnsigned(fields.take(tags.integer))
  const exponent = readUnsigned(fields.take(tags.integer))
  fields.end()
  const bits = modulus.length * 8 - (Math.clz32(modulus[0] ?? 0) - 24)
  return { type: 'rsa', bits, modulus, exponent }
}

const curves = new Map([
  [oids.prime256v1 as string, describeCurve('P-256', oids.prime256v1, 65)],
  [oids.secp384r1 as string, describeCurve('P-384', oids.secp384r1, 97)],
  [oids.secp521r1 as string, describeCurve('P-521', oids.secp521r1, 133)],
])

/** `prefix` is what stands before the point in a SubjectPublicKeyInfo of the curve. */
function describeCurve(curve: 'P-256' | 'P-384' | 'P-521', oid: string, pointOctets: number) {
  const algorithm = encodeSequence(encodeOid(oids.ecPublicKey), encodeOid(oid))
  const prefix = encodeSequence(algorithm, encodeBitString(new Uint8Array(pointOctets))).subarray(0, -pointOctets)
  return { curve, prefix, pointOctets }
}

function readEcKey(curveOid: string, point: Uint8Array): PublicKeyKind {
  const found = curves.get(curveOid)
  if (found === undefined) return { type: 'other', oid: curveOid }
  if (point[0] !== 0x04 || point.length !== found.pointOctets) throw new DerError(`not an uncompressed point of ${found.curve}`)
  return { type: 'ec', curve: found.curve }
}

/** The key identifier: SHA-1 over the octets of the BIT STRING (RFC 5280 section 4.2.1.2, method 1). A name, not a security measure. */
export function hashKeyIdentifier(key: SubjectPublicKey): Uint8Array {
  return hash('sha1', key.keyOctets, 'buffer')
}

/** Hex SHA-256 of the whole SubjectPublicKeyInfo: the identity of a key in this service. */
export function hashSpki(spkiDer: Uint8Array): string {
  return hash('sha256', spkiDer)
}
