import { hash } from 'node:crypto'
import type { CertificateAuthority, IssuanceIntent } from '../ca/certificate-authority.ts'
import type { NewCertificateCard } from '../storage/certificate-cards.ts'
import { signatureAlgorithms } from '../x509/algorithm.ts'
import type { Certificate } from '../x509/certificate.ts'
import { findAttribute, type ParsedName } from '../x509/name.ts'
import { oids } from '../x509/oid.ts'
import { findExtension, readSubjectAltName } from '../x509/read-extensions.ts'
import type { PublicKeyKind } from '../x509/spki.ts'

/** What a certificate says of itself, as lists show it. */
export type CertificateFacts = Pick<
  NewCertificateCard,
  | 'common_name'
  | 'sans'
  | 'issuer'
  | 'organization'
  | 'country'
  | 'province'
  | 'city'
  | 'serial'
  | 'sha1'
  | 'sha256'
  | 'algorithm'
  | 'key_size'
  | 'sign_algorithm'
  | 'not_before'
  | 'not_after'
>

/** What lists show of a certificate, as read from it. */
export function factsOf(certificate: Certificate): CertificateFacts {
  const { subject, issuer, der } = certificate
  const { dnsNames = [], ipAddresses = [] } = findExtension(certificate.extensions, oids.subjectAltName, readSubjectAltName) ?? {}
  const names = [...dnsNames, ...ipAddresses]
  const { algorithm, key_size } = describeKey(certificate.publicKey.kind)
  return {
    common_name: textOf(subject, oids.commonName) || (names[0] ?? ''),
    sans: names.join(','),
    issuer: nameOf(issuer),
    organization: textOf(subject, oids.organizationName),
    country: textOf(subject, oids.countryName),
    province: textOf(subject, oids.stateOrProvinceName),
    city: textOf(subject, oids.localityName),
    serial: certificate.serial,
    sha1: hash('sha1', der),
    sha256: hash('sha256', der),
    algorithm,
    key_size,
    sign_algorithm: signAlgorithms[certificate.signatureAlgorithm.oid] ?? certificate.signatureAlgorithm.oid,
    not_before: certificate.notBefore,
    not_after: certificate.notAfter,
  }
}

/** A certificate just signed, by what went into it. */
export interface SignedLeaf {
  readonly der: Uint8Array
  readonly intent: IssuanceIntent
  /** DNS names, then IP addresses. */
  readonly names: readonly string[]
  readonly key: PublicKeyKind
}

/** The facts of a certificate just signed: those that {@link factsOf} finds in it. */
export function factsOfSigned(
  { subject: issuer, signatureAlgorithm }: CertificateAuthority,
  { der, intent, names, key }: SignedLeaf,
): CertificateFacts {
  const { subject } = intent
  const { algorithm, key_size } = describeKey(key)
  const { oid } = signatureAlgorithms[signatureAlgorithm]
  return {
    common_name: subject.commonName ?? names[0] ?? '',
    sans: names.join(','),
    issuer: nameOf(issuer),
    organization: subject.organization ?? '',
    country: subject.country ?? '',
    province: subject.stateOrProvince ?? '',
    city: subject.locality ?? '',
    serial: intent.serial,
    sha1: hash('sha1', der),
    sha256: hash('sha256', der),
    algorithm,
    key_size,
    sign_algorithm: signAlgorithms[oid] ?? oid,
    not_before: intent.notBefore,
    not_after: intent.notAfter,
  }
}

function nameOf(issuer: ParsedName): string {
  return textOf(issuer, oids.commonName) || textOf(issuer, oids.organizationName)
}

/** Signature algorithms as Java names them, which is how the original does: RFC 4055, RFC 5758, GM/T 0006. */
const signAlgorithms: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.5': 'SHA1withRSA',
  '1.2.840.113549.1.1.10': 'RSASSA-PSS',
  '1.2.840.113549.1.1.11': 'SHA256withRSA',
  '1.2.840.113549.1.1.12': 'SHA384withRSA',
  '1.2.840.113549.1.1.13': 'SHA512withRSA',
  '1.2.840.10045.4.3.2': 'SHA256withECDSA',
  '1.2.840.10045.4.3.3': 'SHA384withECDSA',
  '1.2.840.10045.4.3.4': 'SHA512withECDSA',
  '1.2.156.10197.1.501': 'SM3withSM2',
}

function textOf(name: ParsedName, type: string): string {
  return findAttribute(name, type) ?? ''
}

/** Algorithm and size in the API's words. */
export function describeKey(kind: PublicKeyKind): { algorithm: 'RSA' | 'ECC' | 'SM2' | 'OTHER'; key_size: number } {
  switch (kind.type) {
    case 'rsa':
      return { algorithm: 'RSA', key_size: kind.bits }
    case 'ec':
      return { algorithm: 'ECC', key_size: { 'P-256': 256, 'P-384': 384, 'P-521': 521 }[kind.curve] }
    case 'other':
      return kind.oid === '1.2.156.10197.1.301' ? { algorithm: 'SM2', key_size: 256 } : { algorithm: 'OTHER', key_size: 0 }
  }
}
