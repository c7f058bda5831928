import type { SignatureAlgorithm } from '../x509/algorithm.ts'
import type { DistinguishedName, ParsedName } from '../x509/name.ts'

/** What a certificate shall hold. The order decided all of it: the CA proves nothing, it refuses what no profile allows. */
export interface IssuanceRequest {
  /** SubjectPublicKeyInfo. */
  readonly spkiDer: Uint8Array
  /** A-labels or wildcards in lower case; the first becomes the CN if it has at most 64 characters. */
  readonly dnsNames: readonly string[]
  /** IP addresses, spelled as `x509/ip-address.ts` has them; never the CN. With `dnsNames` there is at least one name. */
  readonly ipAddresses?: readonly string[] | undefined
  /** Whole days of 86,400 s, both ends counted (BR 6.3.2). The issuer's own end may cut it short. */
  readonly validityDays: number
  /**
   * Instants that were asked for, ms, whole seconds: kept to the second or refused. The begin lies at most 48 hours back (BR 7.1.2.7) and 30 days
   * ahead, the end no later than `validityDays` after the begin and not after the issuer's own.
   */
  readonly notBefore?: number | undefined
  readonly notAfter?: number | undefined
  /** Id of the certificate's row; decides the CRL shard. */
  readonly certificateId: number
  /** Whom the subject names (OV, EV); undefined: nobody but the CN. */
  readonly subject?: CertifiedOrganization | undefined
  /** Marks the subject as made by an emulator. */
  readonly emulator: boolean
}

/** An organization that was checked (BR 7.1.2.7.4). Each text fits a name. */
export interface CertifiedOrganization {
  readonly organization: string
  readonly locality: string
  readonly stateOrProvince: string
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country: string
  /** What EV adds (EVG 7.1.4.2.3 to 7.1.4.2.5). */
  readonly businessCategory?: string | undefined
  readonly jurisdictionCountry?: string | undefined
  /** The registration number, a PrintableString. */
  readonly serialNumber?: string | undefined
}

/** A certificate decided on but not signed. It is on record before it is signed, is plain data and lives one hour. */
export interface IssuanceIntent {
  readonly issuerId: string
  /** Lower-case hexadecimal, 32 digits. */
  readonly serial: string
  readonly subject: DistinguishedName
  /** TBSCertificate. */
  readonly tbsDer: Uint8Array
  /** Milliseconds since 1970, whole seconds. */
  readonly notBefore: number
  readonly notAfter: number
  readonly crlShard: number
  /** When it was decided on, ms. */
  readonly preparedAt: number
}

/** One CRL to sign. */
export interface CrlRequest {
  readonly shard: number
  /** Strictly increasing per shard (RFC 5280 section 5.2.3); the caller keeps it on record. */
  readonly number: number
  /** Milliseconds since 1970; at most 10 days apart (BR 4.9.7). */
  readonly thisUpdate: number
  readonly nextUpdate: number
  /** All that is revoked in the shard, each serial once. `reason` is a CRLReason; 0 leaves it out. */
  readonly revoked: readonly { readonly serial: string; readonly revokedAt: number; readonly reason: number }[]
}

/**
 * One issuing CA. All calls are asynchronous and may be repeated: nothing is counted here. How the key is held is not said.
 * What is thrown is a plain Error: callers hand in only what policy let pass.
 */
export interface CertificateAuthority {
  /** Eight lower-case hexadecimal digits, from the key. */
  readonly issuerId: string
  /** Certificate of the issuing CA. */
  readonly issuerDer: Uint8Array
  /** Its own name, as its certificates state it. */
  readonly subject: ParsedName
  /** What it signs with. */
  readonly signatureAlgorithm: SignatureAlgorithm
  /** What a server sends after its certificate: the issuing CA first, without the root. */
  readonly chain: readonly Uint8Array[]
  readonly rootDer: Uint8Array
  /** The end of the issuing CA, ms: no certificate is valid longer. */
  readonly notAfter: number
  /** Decides serial, validity and extensions; uses no key. Throws on a name or key that no profile allows. */
  prepare(request: IssuanceRequest): Promise<IssuanceIntent>
  /** Signs an intent and gives the certificate. Throws on an intent of another issuer, of over one hour ago, or altered. */
  sign(intent: IssuanceIntent): Promise<Uint8Array>
  /** Signs a CRL and gives the CertificateList. */
  signCrl(request: CrlRequest): Promise<Uint8Array>
  /** The address that certificates of a shard give for their CRL; undefined where addresses are left out. */
  readonly crlUrl: (shard: number) => string | undefined
}
