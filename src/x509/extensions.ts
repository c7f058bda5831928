import {
  contextTag,
  encodeAscii,
  encodeBoolean,
  encodeEnumerated,
  encodeInteger,
  encodeNamedBits,
  encodeOctetString,
  encodeSequence,
  encodeTlv,
  encodeTlvOf,
  tags,
} from './der-writer.ts'
import { assertDnsName } from './dns-name.ts'
import { parseIpAddress } from './ip-address.ts'
import { encodeOid, oids } from './oid.ts'

/** Bits of keyUsage (RFC 5280 section 4.2.1.3). */
export const keyUsageBits = {
  digitalSignature: 0,
  contentCommitment: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
  encipherOnly: 7,
  decipherOnly: 8,
} as const

export type KeyUsage = keyof typeof keyUsageBits

/** One Extension; `critical` FALSE is the default and left out (X.690 section 11.5). */
function encodeExtension(oid: string, criticality: 'critical' | 'not critical', value: Uint8Array): Uint8Array {
  const critical = criticality === 'critical' ? [encodeBoolean(true)] : []
  return encodeSequence(encodeOid(oid), ...critical, encodeOctetString(value))
}

/** basicConstraints, critical (RFC 5280 section 4.2.1.9). For an end entity the value is the empty SEQUENCE (BR 7.1.2.7.8). */
export function encodeBasicConstraints(constraints: { ca: boolean; pathLength?: number | undefined }): Uint8Array {
  if (!constraints.ca) return encodeExtension(oids.basicConstraints, 'critical', encodeSequence())
  const pathLength = constraints.pathLength === undefined ? [] : [encodeInteger(constraints.pathLength)]
  return encodeExtension(oids.basicConstraints, 'critical', encodeSequence(encodeBoolean(true), ...pathLength))
}

/** keyUsage, critical; at least one usage (RFC 5280 section 4.2.1.3). */
export function encodeKeyUsage(usages: readonly KeyUsage[]): Uint8Array {
  if (usages.length === 0) throw new Error('keyUsage without a usage')
  return encodeExtension(oids.keyUsage, 'critical', encodeNamedBits(usages.map((usage) => keyUsageBits[usage])))
}

/** extKeyUsage of dotted purposes (RFC 5280 section 4.2.1.12). */
export function encodeExtKeyUsage(purposes: readonly string[]): Uint8Array {
  return encodeExtension(oids.extKeyUsage, 'not critical', encodeSequence(...purposes.map(encodeOid)))
}

/** subjectKeyIdentifier (RFC 5280 section 4.2.1.2). */
export function encodeSubjectKeyIdentifier(keyIdentifier: Uint8Array): Uint8Array {
  return encodeExtension(oids.subjectKeyIdentifier, 'not critical', encodeOctetString(keyIdentifier))
}

/** authorityKeyIdentifier with the keyIdentifier alone (BR 7.1.2.11.1). */
export function encodeAuthorityKeyIdentifier(keyIdentifier: Uint8Array): Uint8Array {
  const value = encodeSequence(encodeTlv(contextTag(0, 'primitive'), keyIdentifier))
  return encodeExtension(oids.authorityKeyIdentifier, 'not critical', value)
}

/**
 * subjectAltName of dNSNames, then iPAddresses: critical exactly if the subject is empty (RFC 5280 section 4.2.1.6). Throws a plain Error if
 * there is no name, one twice, a name that {@link assertDnsName} refuses, or an address not spelled as {@link parseIpAddress} takes it.
 */
export function encodeSubjectAltName(
  dnsNames: readonly string[],
  subject: 'empty subject' | 'named subject',
  ipAddresses: readonly string[] = [],
): Uint8Array {
  const all = [...dnsNames, ...ipAddresses]
  if (all.length === 0) throw new Error('subjectAltName without a name')
  if (new Set(all).size !== all.length) throw new Error('subjectAltName with a name twice')
  for (const name of dnsNames) assertDnsName(name)
  const names = dnsNames.map((name) => encodeAscii(contextTag(2, 'primitive'), name))
  const criticality = subject === 'empty subject' ? 'critical' : 'not critical'
  return encodeExtension(oids.subjectAltName, criticality, encodeTlvOf(tags.sequence, [...names, ...ipAddresses.map(encodeIpAddress)]))
}

function encodeIpAddress(address: string): Uint8Array {
  const octets = parseIpAddress(address)
  if (octets === undefined) throw new Error(`unfit as an iPAddress: ${JSON.stringify(address)}`)
  return encodeTlv(contextTag(7, 'primitive'), octets)
}

/** certificatePolicies without qualifiers (RFC 5280 section 4.2.1.4). */
export function encodeCertificatePolicies(policies: readonly string[]): Uint8Array {
  const infos = policies.map((policy) => encodeSequence(encodeOid(policy)))
  return encodeExtension(oids.certificatePolicies, 'not critical', encodeSequence(...infos))
}

/** authorityInfoAccess with one caIssuers address (RFC 5280 section 4.2.2.1). */
export function encodeAuthorityInfoAccess(caIssuersUrl: string): Uint8Array {
  const description = encodeSequence(encodeOid(oids.caIssuers), encodeUri(caIssuersUrl))
  return encodeExtension(oids.authorityInfoAccess, 'not critical', encodeSequence(description))
}

/** cRLDistributionPoints with one DistributionPoint that holds one fullName (BR 7.1.2.11.2). */
export function encodeCrlDistributionPoints(url: string): Uint8Array {
  return encodeExtension(oids.cRLDistributionPoints, 'not critical', encodeSequence(encodeSequence(encodeDistributionPointName(url))))
}

/** issuingDistributionPoint, critical, whose fullName has the octets of the certificates' cRLDistributionPoints (BR 7.2.2.1). */
export function encodeIssuingDistributionPoint(url: string): Uint8Array {
  return encodeExtension(oids.issuingDistributionPoint, 'critical', encodeSequence(encodeDistributionPointName(url)))
}

/** distributionPoint [0] { fullName [0] { uri } }; the CHOICE makes the outer tag explicit (RFC 5280 section 4.2.1.13). */
function encodeDistributionPointName(url: string): Uint8Array {
  return encodeTlv(contextTag(0, 'constructed'), encodeTlv(contextTag(0, 'constructed'), encodeUri(url)))
}

function encodeUri(url: string): Uint8Array {
  return encodeAscii(contextTag(6, 'primitive'), url)
}

/** cRLNumber (RFC 5280 section 5.2.3). */
export function encodeCrlNumber(number: number): Uint8Array {
  return encodeExtension(oids.cRLNumber, 'not critical', encodeInteger(number))
}

/** reasonCode of a CRL entry (RFC 5280 section 5.3.1). */
export function encodeReasonCode(reason: number): Uint8Array {
  return encodeExtension(oids.reasonCode, 'not critical', encodeEnumerated(reason))
}

/** The attribute extensionRequest of a CSR, which wraps extensions (RFC 2985 section 5.4.2). */
export function encodeExtensionRequest(extensions: readonly Uint8Array[]): Uint8Array {
  return encodeSequence(encodeOid(oids.extensionRequest), encodeTlv(tags.set, encodeSequence(...extensions)))
}
