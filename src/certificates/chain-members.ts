import { parseCertificate } from '../x509/certificate.ts'
import { findAttribute, type ParsedName } from '../x509/name.ts'
import { oids } from '../x509/oid.ts'
import { decodePem } from '../x509/pem.ts'
import { remainingDays } from './certificate-status.ts'

/** One certificate of a chain, as details show it. */
export interface ChainMember {
  /** CN, else O. */
  readonly subject: string
  readonly issuer: string
  /** ms */
  readonly notBefore: number
  readonly notAfter: number
  readonly remainingDays: number
}

/** The certificates of a stored chain, leaf first. Throws DerError. */
export function listChainMembers(pem: string, now: number): ChainMember[] {
  return decodePem(pem).map(({ der }) => {
    const { subject, issuer, notBefore, notAfter } = parseCertificate(der)
    return {
      subject: shortName(subject),
      issuer: shortName(issuer),
      notBefore,
      notAfter,
      remainingDays: remainingDays(notAfter, now),
    }
  })
}

function shortName(name: ParsedName): string {
  return findAttribute(name, oids.commonName) || findAttribute(name, oids.organizationName) || ''
}
