import type { HostFailureKind } from './net/ask-host.ts'
import type { DnsExchange } from './net/dns-client.ts'
import type { HttpExchange, HttpFailure } from './net/guarded-http.ts'

/** The methods of the RPC door by their names there, those of ACME by the types of its challenges (RFC 8555 section 8, RFC 8737). */
export type ProofMethod = 'DNS' | 'FILE' | 'http-01' | 'dns-01' | 'tls-alpn-01'

/**
 * Why an attempt proved nothing. A DNS proof ends with `noRecord`, `wrongValue`, `nxdomain`, `servfail`, `refused`, `timeout`, `malformed`
 * or `network`; a FILE proof with those or the other failures of HTTP, and with `wildcard` (BR 3.2.2.4.18 proves no wildcards).
 * dns-01 ends as DNS does, http-01 as FILE does, tls-alpn-01 with those of looking up and connecting, `tls` or `wrongValue`.
 */
export type ProofFailure = HttpFailure | 'wrongValue' | 'wildcard'

/** One handshake, as plain data for the record. */
export interface HandshakeExchange {
  /** The address connected to, or refused. */
  readonly address: string
  readonly serverName: string
  readonly ms: number
  /** E.g. `TLSv1.3`. */
  readonly version?: string
  /** The application protocol that the server chose, cut and escaped. */
  readonly protocol?: string
  /** SHA-256 of the server's certificate, hexadecimal. */
  readonly certificateSha256?: string
  readonly error?: HostFailureKind
  readonly detail?: string
}

/** What was asked and seen: plain data, kept with the authorization (BR 5.4.1, records of validation). */
export interface ProofEvidence {
  readonly method: ProofMethod
  readonly queries: readonly DnsExchange[]
  /** DNS only: where the CNAMEs at the record's name lead. */
  readonly target?: string
  /** FILE and http-01 only. */
  readonly requests?: readonly HttpExchange[]
  /** tls-alpn-01 only. */
  readonly handshakes?: readonly HandshakeExchange[]
}

/** One look at the real world. `message` is one English sentence for the applicant; values from outside in it are cut and escaped. */
export interface ProofAttempt {
  readonly proven: boolean
  readonly failure?: ProofFailure
  /** A proof over HTTP or TLS came no further than the look-up of a host: a `timeout` is then one of DNS. */
  readonly lookUpFailed?: true
  readonly message: string
  readonly evidence: ProofEvidence
}
