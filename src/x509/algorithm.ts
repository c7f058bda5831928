import { DerError } from './der-error.ts'
import { assertTag, readFields, type DerValue } from './der-reader.ts'
import { encodeNull, encodeSequence, tags } from './der-writer.ts'
import { encodeOid, readOid } from './oid.ts'

/** Signature algorithms by their RFC names, with the digest for node:crypto and the only encoding BR 7.1.3.2 permits. */
export const signatureAlgorithms = {
  // RFC 5758 section 3.2: no parameters
  'ecdsa-with-SHA256': { hash: 'sha256', der: encodeSequence(encodeOid('1.2.840.10045.4.3.2')) },
  'ecdsa-with-SHA384': { hash: 'sha384', der: encodeSequence(encodeOid('1.2.840.10045.4.3.3')) },
  'ecdsa-with-SHA512': { hash: 'sha512', der: encodeSequence(encodeOid('1.2.840.10045.4.3.4')) },
  // RFC 4055 section 5: parameters NULL
  sha256WithRSAEncryption: { hash: 'sha256', der: encodeSequence(encodeOid('1.2.840.113549.1.1.11'), encodeNull()) },
  sha384WithRSAEncryption: { hash: 'sha384', der: encodeSequence(encodeOid('1.2.840.113549.1.1.12'), encodeNull()) },
  sha512WithRSAEncryption: { hash: 'sha512', der: encodeSequence(encodeOid('1.2.840.113549.1.1.13'), encodeNull()) },
} as const satisfies Record<string, { hash: string; der: Uint8Array }>

export type SignatureAlgorithm = keyof typeof signatureAlgorithms

/** An AlgorithmIdentifier as found. `name` is undefined for one that is not in {@link signatureAlgorithms}. */
export interface ParsedAlgorithm {
  readonly der: Uint8Array
  readonly oid: string
  readonly name: SignatureAlgorithm | undefined
}

/** Reads the AlgorithmIdentifier of a signature. A known algorithm with other parameters than its RFC's is refused. Throws DerError. */
export function readSignatureAlgorithm(value: DerValue): ParsedAlgorithm {
  const fields = readFields(assertTag(value, tags.sequence))
  const oidValue = fields.take(tags.oid)
  const oid = readOid(oidValue)
  const { name, der } = byOid.get(oid) ?? {}
  if (der !== undefined && Buffer.compare(der, value.der) !== 0) throw new DerError(`wrong parameters of ${name}`)
  return { der: value.der, oid, name }
}

const byOid = new Map(
  (Object.keys(signatureAlgorithms) as SignatureAlgorithm[]).map((name) => {
    const { der } = signatureAlgorithms[name]
    // The identifier is the first member of a SEQUENCE whose header has two octets.
    const length = 2 + (der[3] ?? 0)
    return [readOid({ tag: tags.oid, der: der.subarray(2, 2 + length), content: der.subarray(4, 2 + length), depth: 0 }), { name, der }]
  }),
)
