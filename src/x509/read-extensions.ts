import { DerError } from './der-error.ts'
import { assertTag, readChildren, readFields, readWrapped, type DerValue } from './der-reader.ts'
import { readAscii, readBoolean, readNamedBits, readOctetString, readSmallInteger } from './der-values.ts'
import { contextTag, tags } from './der-writer.ts'
import { keyUsageBits, type KeyUsage } from './extensions.ts'
import { formatIpAddress } from './ip-address.ts'
import { oids, readOid } from './oid.ts'

/** One extension as found; `value` is the value inside its OCTET STRING. */
export interface ParsedExtension {
  readonly oid: string
  readonly critical: boolean
  readonly value: DerValue
}

/** Reads Extensions: at least one, none twice (RFC 5280 section 4.2). Throws DerError. */
export function readExtensions(value: DerValue): ParsedExtension[] {
  const extensions = readChildren(assertTag(value, tags.sequence)).map(readExtension)
  if (extensions.length === 0) throw new DerError('Extensions without an extension')
  if (new Set(extensions.map(({ oid }) => oid)).size !== extensions.length) throw new DerError('an extension twice')
  return extensions
}

function readExtension(member: DerValue): ParsedExtension {
  const fields = readFields(member)
  const oid = readOid(fields.take(tags.oid))
  const critical = fields.takeIf(tags.boolean)
  if (critical !== undefined && !readBoolean(critical)) throw new DerError('a DEFAULT value written out')
  const wrapper = fields.take(tags.octetString)
  fields.end()
  return { oid, critical: critical !== undefined, value: readWrapped(wrapper, readOctetString(wrapper)) }
}

/** Reads the extension with this identifier by `read`, or gives undefined. Throws DerError. */
export function findExtension<T>(extensions: readonly ParsedExtension[], oid: string, read: (value: DerValue) => T): T | undefined {
  const found = extensions.find((extension) => extension.oid === oid)
  return found === undefined ? undefined : read(found.value)
}

/** Reads basicConstraints (RFC 5280 section 4.2.1.9). Throws DerError. */
export function readBasicConstraints(value: DerValue): { ca: boolean; pathLength: number | undefined } {
  const fields = readFields(value)
  const ca = fields.takeIf(tags.boolean)
  const pathLength = fields.takeIf(tags.integer)
  fields.end()
  if (ca !== undefined && !readBoolean(ca)) throw new DerError('a DEFAULT value written out')
  if (ca === undefined && pathLength !== undefined) throw new DerError('pathLenConstraint without cA')
  return { ca: ca !== undefined, pathLength: pathLength === undefined ? undefined : readSmallInteger(pathLength) }
}

/** Reads keyUsage (RFC 5280 section 4.2.1.3). Throws DerError. */
export function readKeyUsage(value: DerValue): KeyUsage[] {
  const bits = readNamedBits(value)
  const names = Object.keys(keyUsageBits) as KeyUsage[]
  return bits.map((bit) => {
    const usage = names.find((name) => keyUsageBits[name] === bit)
    if (usage === undefined) throw new DerError('unknown key usage')
    return usage
  })
}

/** Reads extKeyUsage as dotted purposes (RFC 5280 section 4.2.1.12). Throws DerError. */
export function readExtKeyUsage(value: DerValue): string[] {
  return readMembers(value).map(readOid)
}

/** Reads the policies of certificatePolicies, without their qualifiers (RFC 5280 section 4.2.1.4). Throws DerError. */
export function readCertificatePolicies(value: DerValue): string[] {
  return readMembers(value).map((info) => readOid(readFields(info).take(tags.oid)))
}

/** What a subjectAltName holds: dNSNames, iPAddresses in their one spelling, and how many names of other types there are. */
export interface SubjectAltName {
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  readonly otherNames: number
}

/** Reads subjectAltName (RFC 5280 section 4.2.1.6). The dNSNames are visible ASCII, not judged further. Throws DerError. */
export function readSubjectAltName(value: DerValue): SubjectAltName {
  const names = readMembers(value)
  for (const name of names) {
    if (name.tag < 0x80 || name.tag >= 0xc0) throw new DerError('not a GeneralName')
  }
  const dnsNames = names.filter((name) => name.tag === contextTag(2, 'primitive')).map(readAscii)
  // What has another number of octets names no address: it counts as one of the others.
  const ipAddresses = names
    .filter(({ tag, content }) => tag === contextTag(7, 'primitive') && (content.length === 4 || content.length === 16))
    .map(({ content }) => formatIpAddress(content))
  return { dnsNames, ipAddresses, otherNames: names.length - dnsNames.length - ipAddresses.length }
}

/** Reads the keyIdentifier of authorityKeyIdentifier, if any (RFC 5280 section 4.2.1.1). Throws DerError. */
export function readAuthorityKeyIdentifier(value: DerValue): Uint8Array | undefined {
  return readFields(value).takeIf(contextTag(0, 'primitive'))?.content
}

/** Reads the caIssuers addresses of authorityInfoAccess (RFC 5280 section 4.2.2.1). Throws DerError. */
export function readCaIssuers(value: DerValue): string[] {
  return readMembers(value).flatMap((description) => {
    const fields = readFields(description)
    const method = readOid(fields.take(tags.oid))
    const location = fields.takeAny()
    fields.end()
    return method === oids.caIssuers && location.tag === contextTag(6, 'primitive') ? [readAscii(location)] : []
  })
}

/** Reads the addresses in all fullNames of cRLDistributionPoints (RFC 5280 section 4.2.1.13). Throws DerError. */
export function readCrlDistributionPoints(value: DerValue): string[] {
  return readMembers(value).flatMap(readDistributionPointUrls)
}

/** Reads the addresses in the fullName of issuingDistributionPoint (RFC 5280 section 5.2.5). Throws DerError. */
export function readIssuingDistributionPoint(value: DerValue): string[] {
  return readDistributionPointUrls(value)
}

function readDistributionPointUrls(point: DerValue): string[] {
  const explicit = readFields(point).takeIf(contextTag(0, 'constructed'))
  if (explicit === undefined) return []
  const fullName = readFields(explicit, contextTag(0, 'constructed')).takeIf(contextTag(0, 'constructed'))
  if (fullName === undefined) return []
  return readChildren(fullName)
    .filter((name) => name.tag === contextTag(6, 'primitive'))
    .map(readAscii)
}

/** The members of a SEQUENCE SIZE (1..MAX). */
function readMembers(value: DerValue): DerValue[] {
  const members = readChildren(assertTag(value, tags.sequence))
  if (members.length === 0) throw new DerError('a list without members')
  return members
}
