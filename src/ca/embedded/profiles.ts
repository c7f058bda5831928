import {
  encodeAuthorityInfoAccess,
  encodeAuthorityKeyIdentifier,
  encodeBasicConstraints,
  encodeCertificatePolicies,
  encodeCrlDistributionPoints,
  encodeExtKeyUsage,
  encodeKeyUsage,
  encodeSubjectAltName,
  encodeSubjectKeyIdentifier,
} from '../../x509/extensions.ts'
import { oids } from '../../x509/oid.ts'

/**
 * The policy that leaves state unless settings name another: "issued by a private CA on the proofs its operator asks for". It lies
 * below the arc for identifiers made from a GUID (here 0ee95c33-e365-4cca-8370-7057b941b6ae), 1.2.840.113556.1.8000.2554,
 * and not in 2.25, whose one arc of 128 bits makes Go before 1.22 and Python's cryptography refuse the whole certificate.
 */
export const privatePolicyOid = '1.2.840.113556.1.8000.2554.3817.23603.58213.19658.33648.7362489.4306606'

/** Throws a plain Error on a policy that a private leaf must not claim: those of the CA/Browser Forum (BR 7.1.6.1) and anyPolicy. */
export function assertPrivatePolicy(policyOid: string): void {
  if (policyOid === oids.anyPolicy || `${policyOid}.`.startsWith('2.23.140.')) {
    throw new Error(`a certificate of a private CA must not state the policy ${policyOid}`)
  }
}

/** Extensions of a root (BR 7.1.2.1): no path length, no EKU, no policies. The key identifier is its own. */
export function encodeRootExtensions(keyIdentifier: Uint8Array): Uint8Array[] {
  return [
    encodeBasicConstraints({ ca: true }),
    encodeKeyUsage(['keyCertSign', 'cRLSign']),
    encodeSubjectKeyIdentifier(keyIdentifier),
    encodeAuthorityKeyIdentifier(keyIdentifier),
  ]
}

/** Where a certificate points to its issuer; undefined leaves the pointers out. */
export interface IssuerPointers {
  readonly caIssuersUrl: string
  readonly crlUrl: string
}

/**
 * Extensions of an issuing CA (BR 7.1.2.6): no CAs below it, servers only, any policy. digitalSignature lets it sign OCSP
 * replies later.
 */
export function encodeIntermediateExtensions(
  keyIdentifier: Uint8Array,
  issuerKeyIdentifier: Uint8Array,
  pointers: IssuerPointers | undefined,
): Uint8Array[] {
  return [
    encodeBasicConstraints({ ca: true, pathLength: 0 }),
    encodeKeyUsage(['digitalSignature', 'keyCertSign', 'cRLSign']),
    encodeExtKeyUsage([oids.serverAuth]),
    encodeSubjectKeyIdentifier(keyIdentifier),
    encodeAuthorityKeyIdentifier(issuerKeyIdentifier),
    encodeCertificatePolicies([oids.anyPolicy]),
    ...encodePointers(pointers),
  ]
}

/** What leaves of one key type and one CRL shard have in common. */
export interface LeafProfile {
  readonly keyType: 'rsa' | 'ec'
  /** certificatePolicies, encoded: the same in every leaf. */
  readonly policiesDer: Uint8Array
  readonly issuerKeyIdentifier: Uint8Array
  readonly pointers: IssuerPointers | undefined
}

/** Encodes the extensions of one leaf of a profile. */
export type LeafExtensions = (leaf: {
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  readonly subject: 'empty subject' | 'named subject'
}) => Uint8Array[]

/**
 * Extensions of server certificates (BR 7.1.2.7.6) but for the policy, which is private. RSA keys may encipher, for clients without
 * forward secrecy; EC keys must not (BR 7.1.2.7.11). No subject key identifier (NOT RECOMMENDED). All but the names is encoded once.
 */
export function createLeafExtensions(profile: LeafProfile): LeafExtensions {
  const beforeNames = [
    encodeKeyUsage(profile.keyType === 'rsa' ? ['digitalSignature', 'keyEncipherment'] : ['digitalSignature']),
    encodeExtKeyUsage([oids.serverAuth]),
    encodeBasicConstraints({ ca: false }),
    encodeAuthorityKeyIdentifier(profile.issuerKeyIdentifier),
    ...encodePointers(profile.pointers),
  ]
  return ({ dnsNames, ipAddresses, subject }) => [...beforeNames, encodeSubjectAltName(dnsNames, subject, ipAddresses), profile.policiesDer]
}

function encodePointers(pointers: IssuerPointers | undefined): Uint8Array[] {
  if (pointers === undefined) return []
  return [encodeAuthorityInfoAccess(pointers.caIssuersUrl), encodeCrlDistributionPoints(pointers.crlUrl)]
}
