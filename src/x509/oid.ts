import { DerError } from './der-error.ts'
import { assertTag, holdsAt, type DerValue } from './der-reader.ts'
import { encodeTlv, tags } from './der-writer.ts'

/** Object identifiers in dotted form, by the names their RFCs give them. */
export const oids = {
  countryName: '2.5.4.6',
  organizationName: '2.5.4.10',
  commonName: '2.5.4.3',
  localityName: '2.5.4.7',
  stateOrProvinceName: '2.5.4.8',
  organizationalUnitName: '2.5.4.11',
  serialNumber: '2.5.4.5',
  businessCategory: '2.5.4.15',
  jurisdictionCountryName: '1.3.6.1.4.1.311.60.2.1.3',
  extensionRequest: '1.2.840.113549.1.9.14',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  cRLNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  issuingDistributionPoint: '2.5.29.28',
  cRLDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  anyPolicy: '2.5.29.32.0',
  authorityKeyIdentifier: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  acmeIdentifier: '1.3.6.1.5.5.7.1.31',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  caIssuers: '1.3.6.1.5.5.7.48.2',
  rsaEncryption: '1.2.840.113549.1.1.1',
  ecPublicKey: '1.2.840.10045.2.1',
  prime256v1: '1.2.840.10045.3.1.7',
  secp384r1: '1.3.132.0.34',
  secp521r1: '1.3.132.0.35',
} as const

/** No identifier in use comes near this many octets; a limit keeps the arithmetic of long arcs short. */
const maximumOctets = 128

/** OBJECT IDENTIFIER of a dotted form; arcs may be of any size. Throws a plain Error on a malformed one (X.660 section 7). */
export function encodeOid(dotted: string): Uint8Array {
  return knownDer.get(dotted) ?? encodeArcs(dotted)
}

function encodeArcs(dotted: string): Uint8Array {
  if (!/^[012](\.(0|[1-9][0-9]{0,39}))+$/.test(dotted)) throw new Error(`not an object identifier: ${dotted}`)
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt)
  if (first < 2n && second > 39n) throw new Error(`not an object identifier: ${dotted}`)
  return encodeTlv(tags.oid, Uint8Array.from([first * 40n + second, ...rest].flatMap(encodeArc)))
}

function encodeArc(arc: bigint): number[] {
  const octets = [Number(arc & 0x7fn)]
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80)
  return octets
}

/** The table's own identifiers, encoded once: a certificate holds a dozen of them. */
const knownDer: ReadonlyMap<string, Uint8Array> = new Map(Object.values(oids).map((dotted) => [dotted, encodeArcs(dotted)]))

/** The table's own identifiers by the sum of their octets: most that are read are among them, and so are found without decoding. */
const knownBySum = new Map<number, { readonly dotted: string; readonly octets: Uint8Array }>()
for (const [dotted, der] of knownDer) {
  const sum = sumOf(der, 2, der.length)
  if (knownBySum.has(sum)) throw new Error(`two identifiers with the sum of ${dotted}`)
  knownBySum.set(sum, { dotted, octets: der.subarray(2) })
}

function sumOf(octets: Uint8Array, start: number, end: number): number {
  let sum = 0
  for (let i = start; i < end; i += 1) sum = (Math.imul(sum, 31) + (octets[i] ?? 0)) | 0
  return sum
}

function findKnown({ octets, contentStart, end }: DerValue): string | undefined {
  const known = knownBySum.get(sumOf(octets, contentStart, end))
  if (known === undefined || known.octets.length !== end - contentStart) return undefined
  return holdsAt(octets, contentStart, known.octets) ? known.dotted : undefined
}

/** The dotted form of an OBJECT IDENTIFIER, whose arcs must be minimal (X.690 section 8.19.2). Throws DerError. */
export function readOid(value: DerValue): string {
  const known = findKnown(assertTag(value, tags.oid))
  if (known !== undefined) return known
  const { content } = value
  if (content.length === 0 || content.length > maximumOctets) throw new DerError('OBJECT IDENTIFIER empty or too long')
  const arcs: bigint[] = []
  let arc = 0n
  let inside = false
  for (const octet of content) {
    if (!inside && octet === 0x80) throw new DerError('arc of an OBJECT IDENTIFIER not minimal')
    arc = (arc << 7n) | BigInt(octet & 0x7f)
    inside = octet >= 0x80
    if (inside) continue
    arcs.push(arc)
    arc = 0n
  }
  if (inside) throw new DerError('OBJECT IDENTIFIER cut short')
  const [joined = 0n, ...rest] = arcs
  const first = joined < 80n ? joined / 40n : 2n
  return [first, joined - first * 40n, ...rest].join('.')
}
