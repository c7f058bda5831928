import { hash } from 'node:crypto'
import { checkDnsTxt } from './dns-txt.ts'
import type { StopSignal } from './net/deadline.ts'
import type { DnsClient } from './net/dns-client.ts'
import type { ProofAttempt } from './proof.ts'
import { challengeRecordName } from './record-name.ts'

export interface Dns01Proof {
  /** A-label name without `*.`. */
  readonly name: string
  readonly keyAuthorization: string
}

/**
 * Looks for the digest of the key authorization in a TXT record at `_acme-challenge.<name>` (RFC 8555 section 8.4, BR 3.2.2.4.7). A name and
 * its wildcard are proven at the same place, so other values beside the expected one do no harm. See {@link checkDnsTxt}.
 */
export function checkDns01(services: { client: DnsClient }, proof: Dns01Proof, signal: StopSignal): Promise<ProofAttempt> {
  const expected = hash('sha256', proof.keyAuthorization, 'base64url')
  return checkDnsTxt(services, { method: 'dns-01', record: challengeRecordName(proof.name), expected }, signal)
}
