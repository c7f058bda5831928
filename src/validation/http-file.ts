import { isSameSecret } from './is-same-secret.ts'
import type { StopSignal } from './net/deadline.ts'
import { getGuarded } from './net/guarded-http.ts'
import type { GuardedHttp, HttpLook, HttpOutcome, HttpRecord, HttpRules } from './net/guarded-http.ts'
import { quoteValue } from './net/quote-value.ts'
import type { HttpScheme } from './net/request-text.ts'
import type { ProofAttempt, ProofFailure } from './proof.ts'

/** Where the file with the token has to be on the web server (BR 3.2.2.4.18). */
export const fileProofPath = '/.well-known/pki-validation/fileauth.txt'

export interface FileProof {
  /** A-label name; a wildcard cannot be proven by a file. */
  readonly name: string
  /** The token. */
  readonly expected: string
}

type Verdict = { proven: true; message: string } | { proven: false; failure: ProofFailure; message: string }

const rules: HttpRules = { mostRedirects: 5, otherHosts: false, largestBody: 64 * 1024 }

/**
 * Looks for the token in the file, over https and then over http (BR 3.2.2.4.18). Any line may match, so that parallel orders work; white
 * space around a line and a byte order mark do not count. Only a status from 200 to 299 counts. What else a server sent is never told: the
 * page may belong to somebody else than who asks.
 * Rejects with the signal's reason when it aborts; everything the network does is an outcome, not an error.
 */
export async function checkHttpFile(services: { http: GuardedHttp }, proof: FileProof, signal: StopSignal): Promise<ProofAttempt> {
  const record: HttpRecord = { queries: [], requests: [] }
  const look = { signal, record, addresses: new Map() }
  const evidence = { method: 'FILE', ...record } as const
  const overHttps = await checkOver('https', services.http, proof, look)
  if (overHttps.proven) return { ...overHttps, evidence }
  const overHttp = await checkOver('http', services.http, proof, look)
  if (overHttp.proven) return { ...overHttp, evidence }
  // A file with a wrong value tells more than a port where nobody listens.
  const failure = overHttps.failure === 'wrongValue' ? 'wrongValue' : overHttp.failure
  return { proven: false, failure, message: `${overHttps.message}. ${overHttp.message}.`, evidence }
}

async function checkOver(scheme: HttpScheme, http: GuardedHttp, proof: FileProof, look: HttpLook): Promise<Verdict> {
  const target = { scheme, host: proof.name, path: fileProofPath, secret: proof.expected, rules }
  return judge(await getGuarded(http, target, look), look.record, proof.expected)
}

function judge(outcome: HttpOutcome, { requests }: HttpRecord, expected: string): Verdict {
  const asked = `Asked for ${quoteValue(outcome.url)}`
  if (outcome.kind === 'failure') return { proven: false, failure: outcome.failure, message: `${asked}: ${outcome.detail}` }
  const lines = outcome.body.split('\n').map((line) => line.trim())
  if (lines.some((line) => isSameSecret(line, expected))) return { proven: true, message: `${asked}: the expected value is there.` }
  const { address = '', status = 0 } = requests.at(-1) ?? {}
  const octets = Buffer.byteLength(outcome.body)
  const seen = `${address} answered with status ${status} and ${octets} octets, no line of which is the expected value`
  return { proven: false, failure: 'wrongValue', message: `${asked}: ${seen}` }
}
