import { DerError } from './der-error.ts'
import { readFields, type DerValue } from './der-reader.ts'
import { encodeNull, encodeSequence, tags } from './der-writer.ts'
import { encodeOid, readOid } from './oid.ts'

/** Signature algorithms by their RFC names, with the digest for node:crypto and the only encoding BR 7.1.3.2 permits. */
export const signatureAlgorithms = {
  'ecdsa-with-SHA256': withoutParameters('sha256', '1.2.840.10045.4.3.2'),
  'ecdsa-with-SHA384': withoutParameters('sha384', '1.2.840.10045.4.3.3'),
  'ecdsa-with-SHA512': withoutParameters('sha512', '1.2.840.10045.4.3.4'),
  sha256WithRSAEncryption: withNull('sha256', '1.2.840.113549.1.1.11'),
  sha384WithRSAEncryption: withNull('sha384', '1.2.840.113549.1.1.12'),
  sha512WithRSAEncryption: withNull('sha512', '1.2.840.113549.1.1.13'),
} as const satisfies Record<string, { hash: string; oid: string; der: Uint8Array }>

/** RFC 5758 section 3.2: no parameters. */
function withoutParameters(hash: string, oid: string) {
  return { hash, oid, der: encodeSequence(encodeOid(oid)) }
}

/** RFC 4055 section 5: parameters NULL. */
function withNull(hash: string, oid: string) {
  return { hash, oid, der: encodeSequence(encodeOid(oid), encodeNull()) }
}

export type SignatureAlgorithm = keyof typeof signatureAlgorithms

/** An AlgorithmIdentifier as found. `name` is undefined for one that is not in {@link signatureAlgorithms}. */
export interface ParsedAlgorithm {
  readonly der: Uint8Array
  readonly oid: string
  readonly name: SignatureAlgorithm | undefined
}

/** Reads the AlgorithmIdentifier of a signature. A known algorithm with other parameters than its RFC's is refused. Throws DerError. */
export function readSignatureAlgorithm(value: DerValue): ParsedAlgorithm {
  const { der } = value
  for (const { name, oid, der: known } of knownAlgorithms) if (Buffer.compare(known, der) === 0) return { der, oid, name }
  const oid = readOid(readFields(value).take(tags.oid))
  const spoilt = knownAlgorithms.find((known) => known.oid === oid)
  if (spoilt !== undefined) throw new DerError(`wrong parameters of ${spoilt.name}`)
  return { der, oid, name: undefined }
}

const knownAlgorithms = (Object.keys(signatureAlgorithms) as SignatureAlgorithm[]).map((name) => ({ name, ...signatureAlgorithms[name] }))
