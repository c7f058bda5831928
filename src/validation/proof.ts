import type { DnsExchange } from './net/dns-client.ts'
import type { HttpExchange, HttpFailure } from './net/guarded-http.ts'

/**
 * Why an attempt proved nothing. A DNS proof ends with `noRecord`, `wrongValue`, `nxdomain`, `servfail`, `refused`, `timeout`, `malformed`
 * or `network`; a FILE proof with those or the other failures of HTTP, and with `wildcard` (BR 3.2.2.4.18 proves no wildcards).
 */
export type ProofFailure = HttpFailure | 'wrongValue' | 'wildcard'

/** What was asked and seen: plain data, kept with the authorization (BR 5.4.1, records of validation). */
export interface ProofEvidence {
  readonly method: 'DNS' | 'FILE'
  readonly queries: readonly DnsExchange[]
  /** DNS only: where the CNAMEs at the record's name lead. */
  readonly target?: string
  /** FILE only. */
  readonly requests?: readonly HttpExchange[]
}

/** One look at the real world. `message` is one English sentence for the applicant; values from outside in it are cut and escaped. */
export interface ProofAttempt {
  readonly proven: boolean
  readonly failure?: ProofFailure
  readonly message: string
  readonly evidence: ProofEvidence
}
