import type { ApplicantCsr } from '../orders/applicant-csr.ts'
import { pemOfCsr } from '../orders/applicant-csr.ts'
import { Problem } from '../problem.ts'
import type { NewCsr } from '../storage/csrs.ts'
import { findAttribute } from '../x509/name.ts'
import { oids } from '../x509/oid.ts'

/** What a CSR says of itself, as lists show it. */
export type CsrFacts = Omit<NewCsr, 'id' | 'account_id' | 'name' | 'key_sealed' | 'created_at' | 'updated_at'>

/**
 * Reads the facts out of a checked CSR. An attribute that is missing or there twice is empty.
 *
 * @throws Problem invalidParameter for control characters in the subject
 */
export function readCsrFacts({ der, request, spkiSha256, commonName }: ApplicantCsr): CsrFacts {
  const text = (type: string) => findAttribute(request.subject, type) ?? ''
  const { kind } = request.publicKey
  if (kind.type === 'other') throw new Error('a CSR of an unknown key passed the checks')
  const facts = {
    algorithm: kind.type === 'rsa' ? ('RSA' as const) : ('ECC' as const),
    key_size: kind.type === 'rsa' ? kind.bits : Number(kind.curve.slice(2)),
    common_name: commonName,
    sans: [...request.subjectAltName.dnsNames, ...request.subjectAltName.ipAddresses].join(','),
    country: text(oids.countryName),
    province: text(oids.stateOrProvinceName),
    locality: text(oids.localityName),
    organization: text(oids.organizationName),
    department: text(oids.organizationalUnitName),
    pem: pemOfCsr(der),
    spki_sha256: spkiSha256,
  }
  const { pem: _, ...shown } = facts
  // PostgreSQL stores no zero character, and lists show the texts.
  if (Object.values(shown).some((value) => /\p{Cc}/u.test(String(value)))) {
    throw new Problem('invalidParameter', { P: 'Csr', rule: 'The names in a CSR hold no control characters.' })
  }
  return facts
}
