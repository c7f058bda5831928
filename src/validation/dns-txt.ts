import { isSameSecret } from './is-same-secret.ts'
import type { StopSignal } from './net/deadline.ts'
import type { DnsAnswer, DnsClient, DnsExchange } from './net/dns-client.ts'
import { isDnsName, isSameName } from './net/dns-message.ts'
import { endOf, followCnames } from './net/follow-cnames.ts'
import type { CnameChain } from './net/follow-cnames.ts'
import { quoteValue } from './net/quote-value.ts'
import type { ProofAttempt, ProofFailure } from './proof.ts'

export interface DnsTxtProof {
  readonly method: 'DNS' | 'dns-01'
  /** Full name of the TXT record, e.g. `_dnsauth.example.com`. */
  readonly record: string
  /** The value that one record must have. */
  readonly expected: string
}

type Verdict = { proven: true; message: string } | { proven: false; failure: ProofFailure; message: string }

const valuesShown = 5

/**
 * Looks for the value in a TXT record at a name or at the end of a chain of at most 8 CNAMEs there (BR 3.2.2.4.7). Any of several TXT
 * values may match; the character-strings of one record are joined, and the whole must equal the value exactly.
 * Rejects with the signal's reason when it aborts; everything the network does is an outcome, not an error.
 */
export async function checkDnsTxt(services: { client: DnsClient }, proof: DnsTxtProof, signal: StopSignal): Promise<ProofAttempt> {
  const chain: CnameChain = [proof.record]
  const queries: DnsExchange[] = []
  for (;;) {
    const answer = await services.client.query(endOf(chain), 'TXT', signal)
    queries.push(...answer.exchanges)
    const verdict = judgeAnswer(answer, chain, proof.expected)
    if (verdict !== 'askTarget') return { ...verdict, evidence: { method: proof.method, queries, ...targetOf(chain) } }
  }
}

/** The end of a chain that is one; a name from outside is kept only if it is one that could be asked for. */
function targetOf(chain: CnameChain): { target?: string } {
  const target = endOf(chain)
  return chain.length > 1 && isDnsName(target) ? { target } : {}
}

/** Judges one answer and appends the CNAMEs it holds to the chain. Each `askTarget` lengthens the chain, so the asking ends. */
function judgeAnswer(answer: DnsAnswer, chain: CnameChain, expected: string): Verdict | 'askTarget' {
  const known = chain.length
  if (answer.kind === 'failure')
    return fail(answer.failure, `${describeAsked(answer, chain)}: ${failureWords[answer.failure]} (${answer.detail}).`)
  if (answer.rcode !== 'NOERROR' && answer.rcode !== 'NXDOMAIN') return judgeRcode(answer, chain)

  const broken = followCnames(answer.records, chain)
  const asked = describeAsked(answer, chain)
  if (broken !== undefined) return fail('malformed', `${asked}: ${broken}.`)
  if (answer.rcode === 'NXDOMAIN') return fail('nxdomain', `${asked}: the name does not exist (NXDOMAIN).`)

  const values = answer.records
    .filter((record) => record.type === 'TXT' && isSameName(record.name, endOf(chain)))
    .map((record) => record.value)
  if (values.some((value) => isSameSecret(value, expected))) return { proven: true, message: `${asked}: the expected value is there.` }
  if (values.length > 0)
    return fail('wrongValue', `${asked}: none of the ${values.length} TXT values is the expected one; seen ${listValues(values)}.`)
  return chain.length > known ? 'askTarget' : fail('noRecord', `${asked}: the name exists but has no TXT record.`)
}

function judgeRcode(answer: { rcode: string; exchanges: readonly DnsExchange[] }, chain: Readonly<CnameChain>): Verdict {
  const asked = describeAsked(answer, chain)
  if (answer.rcode === 'SERVFAIL') {
    return fail(
      'servfail',
      `${asked}: the resolver could not get a valid answer (SERVFAIL); the zone's servers or its DNSSEC may be broken.`,
    )
  }
  return fail('refused', `${asked}: the resolver refused to answer (${answer.rcode}).`)
}

function fail(failure: ProofFailure, message: string): Verdict {
  return { proven: false, failure, message }
}

function describeAsked(answer: { exchanges: readonly DnsExchange[] }, chain: Readonly<CnameChain>): string {
  const [asked, ...targets] = chain
  const resolvers = [...new Set(answer.exchanges.map((exchange) => exchange.resolver))]
  const via = targets.length > 0 ? ` through the CNAME to ${targets.map((target) => quoteValue(target)).join(', ')}` : ''
  const of = resolvers.length > 0 ? ` of ${resolvers.join(', ')}` : ''
  return `Asked for TXT at ${asked}${via}${of}`
}

const failureWords = {
  timeout: 'no answer in time',
  network: 'the resolver could not be reached',
  malformed: 'no usable answer',
} as const

function listValues(values: readonly string[]): string {
  const shown = values.slice(0, valuesShown).map((value) => quoteValue(value))
  const more = values.length - shown.length
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '')
}
