import { isSameSecret } from './is-same-secret.ts'
import type { StopSignal } from './net/deadline.ts'
import { getGuarded } from './net/guarded-http.ts'
import type { GuardedHttp, HttpOutcome, HttpRecord, HttpRules } from './net/guarded-http.ts'
import { quoteValue } from './net/quote-value.ts'
import type { ProofAttempt } from './proof.ts'

export interface Http01Proof {
  /** A-label name or literal address, an IPv6 one without brackets; a wildcard cannot be proven over HTTP. */
  readonly name: string
  readonly token: string
  readonly keyAuthorization: string
}

/** BR 3.2.2.4.19 lets redirects lead to other hosts, so that one server can answer for many. */
const rules: HttpRules = { mostRedirects: 10, otherHosts: true, largestBody: 1024 }

type Verdict = Omit<ProofAttempt, 'evidence'>

/**
 * Asks `http://<name>/.well-known/acme-challenge/<token>` for the key authorization (RFC 8555 section 8.3, BR 3.2.2.4.19; RFC 8738 for
 * addresses). The body must be that text and nothing else; white space at its end does not count. What else a server sent is never told:
 * the page may belong to somebody else than who asks.
 * Rejects with the signal's reason when it aborts; everything the network does is an outcome, not an error.
 */
export async function checkHttp01(services: { http: GuardedHttp }, proof: Http01Proof, signal: StopSignal): Promise<ProofAttempt> {
  const record: HttpRecord = { queries: [], requests: [] }
  const path = `/.well-known/acme-challenge/${proof.token}`
  const target = { scheme: 'http', host: proof.name, path, secret: proof.keyAuthorization, rules } as const
  const outcome = await getGuarded(services.http, target, { signal, record, addresses: new Map() })
  return { ...judge(outcome, record, proof.keyAuthorization), evidence: { method: 'http-01', ...record } }
}

function judge(outcome: HttpOutcome, { requests }: HttpRecord, expected: string): Verdict {
  const asked = `Asked for ${quoteValue(outcome.url)}`
  if (outcome.kind === 'failure') {
    const { failure, detail, lookUp } = outcome
    return { proven: false, failure, message: `${asked}: ${detail}.`, ...(lookUp && { lookUpFailed: true }) }
  }
  const { address = '', status = 0 } = requests.at(-1) ?? {}
  if (isSameSecret(outcome.body.trimEnd(), expected)) {
    return { proven: true, message: `${asked}: ${address} answered with the key authorization.` }
  }
  const octets = Buffer.byteLength(outcome.body)
  const seen = `${address} answered with status ${status} and ${octets} octets that are not the key authorization`
  return { proven: false, failure: 'wrongValue', message: `${asked}: ${seen}.` }
}
