import type { StopSignal } from './deadline.ts'
import type { DnsAnswer, DnsClient, DnsExchange, DnsFailure } from './dns-client.ts'
import { isSameName } from './dns-message.ts'
import { endOf, followCnames } from './follow-cnames.ts'
import type { CnameChain } from './follow-cnames.ts'

/** The addresses of a host, IPv6 first, or why there are none. */
export type HostAddresses =
  | { readonly kind: 'found'; readonly addresses: readonly string[] }
  | { readonly kind: 'failure'; readonly failure: AddressFailure; readonly detail: string }

export type AddressFailure = DnsFailure | 'noRecord' | 'nxdomain' | 'servfail' | 'refused'

/**
 * Looks up AAAA and A of a host through our own client (BR 4.2.2.2 asks for validated answers, so never through the system's stub
 * resolver), and adds what was asked to `queries`. One family is enough. Rejects with the signal's reason.
 */
export async function findAddresses(
  services: { client: DnsClient; queries: DnsExchange[] },
  host: string,
  signal: StopSignal,
): Promise<HostAddresses> {
  const asked = services.client.queryAddresses(host, signal)
  const [six, four] = await Promise.all([
    findOfType(services, { host, type: 'AAAA', first: asked.six }, signal),
    findOfType(services, { host, type: 'A', first: asked.four }, signal),
  ])
  if (six.kind === 'failure' || four.kind === 'failure') return six.kind === 'found' ? six : four
  return { kind: 'found', addresses: [...six.addresses, ...four.addresses] }
}

/** `first` is the answer at the host itself; CNAMEs may lead on from there. */
async function findOfType(
  { client, queries }: { client: DnsClient; queries: DnsExchange[] },
  { host, type, first }: { host: string; type: 'A' | 'AAAA'; first: Promise<DnsAnswer> },
  signal: StopSignal,
): Promise<HostAddresses> {
  const chain: CnameChain = [host]
  let asked = first
  for (;;) {
    const answer = await asked
    queries.push(...answer.exchanges)
    const found = readAddresses(answer, type, chain)
    if (found !== 'askTarget') return found
    asked = client.query(endOf(chain), type, signal)
  }
}

/** Reads one answer and appends the CNAMEs it holds to the chain. Each `askTarget` lengthens the chain, so the asking ends. */
function readAddresses(answer: DnsAnswer, type: 'A' | 'AAAA', chain: CnameChain): HostAddresses | 'askTarget' {
  const known = chain.length
  if (answer.kind === 'failure') return fail(answer.failure, answer.detail)
  if (answer.rcode === 'SERVFAIL') return fail('servfail', 'SERVFAIL')
  if (answer.rcode !== 'NOERROR' && answer.rcode !== 'NXDOMAIN') return fail('refused', answer.rcode)
  const broken = followCnames(answer.records, chain)
  if (broken !== undefined) return fail('malformed', broken)
  if (answer.rcode === 'NXDOMAIN') return fail('nxdomain', 'the name does not exist')
  const name = endOf(chain)
  const records = answer.records.filter((record) => record.type === type && isSameName(record.name, name))
  if (records.length > 0) return { kind: 'found', addresses: records.map((record) => record.value) }
  return chain.length > known ? 'askTarget' : fail('noRecord', 'the name has no address')
}

function fail(failure: AddressFailure, detail: string): HostAddresses {
  return { kind: 'failure', failure, detail }
}
