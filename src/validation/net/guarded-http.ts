import { isIP } from 'node:net'
import { askHost } from './ask-host.ts'
import type { HostFailure, HostFailureKind, HostServices, KnownAddresses } from './ask-host.ts'
import { startDeadline } from './deadline.ts'
import type { StopSignal } from './deadline.ts'
import type { DnsExchange } from './dns-client.ts'
import { requestText } from './request-text.ts'
import type { HttpScheme, TextReply } from './request-text.ts'
import { quoteValue } from './quote-value.ts'

/** `timeoutMs` is for all of one {@link getGuarded}: look-ups, redirects and body. */
export interface GuardedHttp extends HostServices {
  /** The ports that `http` and `https` mean: 80 and 443 (BR 1.6.1, authorized ports), others for tests. */
  readonly ports: Readonly<Record<HttpScheme, number>>
}

/** What differs from one kind of proof to another. */
export interface HttpRules {
  readonly mostRedirects: number
  /** Whether a redirect may lead to another name. A literal address other than the one asked for is never followed. */
  readonly otherHosts: boolean
  /** Octets. */
  readonly largestBody: number
}

export interface HttpTarget {
  readonly scheme: HttpScheme
  /** A-label name or literal address, an IPv6 one without brackets. */
  readonly host: string
  readonly path: string
  readonly rules: HttpRules
  /** Text that no request may hold (BR 3.2.2.4.18: the expected value is not in the request), also after a redirect. */
  readonly secret: string
}

/** One request, as plain data for the record. */
export interface HttpExchange {
  readonly url: string
  /** The address connected to, or refused. */
  readonly address: string
  readonly ms: number
  readonly status?: number
  /** Target of a redirect, cut and escaped. */
  readonly location?: string
  readonly error?: HttpFailure
  readonly detail?: string
}

export type HttpFailure = HostFailureKind | 'httpStatus' | 'badRedirect' | 'tooLarge'

export type HttpOutcome =
  | { readonly kind: 'body'; readonly body: string; readonly url: string }
  | {
      readonly kind: 'failure'
      readonly failure: HttpFailure
      readonly detail: string
      readonly lookUp?: true
      readonly url: string
    }

/** What a check asked so far, to append to. */
export interface HttpRecord {
  readonly queries: DnsExchange[]
  readonly requests: HttpExchange[]
}

/** One look at what a stranger's host shows: it may take several calls of {@link getGuarded}. */
export interface HttpLook {
  readonly signal: StopSignal
  readonly record: HttpRecord
  readonly addresses: KnownAddresses
}

/** A URL longer than this is not followed to. */
const longestUrl = 2_000
const redirectStatuses = [301, 302, 307, 308]

/**
 * Gets a small text from a host that a stranger named, with the care this needs: the name is resolved by our own client, the address is
 * judged and then connected to as it is (no second look-up, also after a redirect), one IPv6 and then one IPv4 address is tried, redirects (301, 302, 307, 308)
 * stay on the authorized ports and, if the rules say so, on the host, and time, headers (16 KiB) and body are limited.
 *
 * Rejects with the signal's reason when it aborts; everything the network does is an outcome.
 */
export async function getGuarded(http: GuardedHttp, target: HttpTarget, { signal, record, addresses }: HttpLook): Promise<HttpOutcome> {
  using deadline = startDeadline(http.timeoutMs, signal)
  const hop: Hop = { http, target, record, addresses, signal: deadline.signal }
  let url = new URL(`${target.scheme}://${target.host.includes(':') ? `[${target.host}]` : target.host}${target.path}`)
  const first = url
  const { mostRedirects } = target.rules
  try {
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      const reply = await getOnce(hop, url)
      signal.throwIfAborted()
      if (reply.kind === 'failure') return { ...reply, url: url.href }
      if (!redirectStatuses.includes(reply.status)) return judgeReply(reply, url, target.rules)
      const next = readRedirect(reply.location, url, { ...target, host: first.host })
      if (typeof next === 'string') return fail('badRedirect', next, url)
      url = next
    }
    return fail('badRedirect', `more than ${mostRedirects} redirects`, url)
  } catch (error) {
    if (signal.aborted || !deadline.isOver()) throw error
    return fail('timeout', `no complete answer within ${http.timeoutMs} ms`, url)
  }
}

interface Hop extends HttpLook {
  readonly http: GuardedHttp
  readonly target: HttpTarget
}

function getOnce({ http, target, record, addresses, signal }: Hop, url: URL): Promise<TextReply | HostFailure> {
  const scheme: HttpScheme = url.protocol === 'https:' ? 'https' : 'http'
  return askHost<TextReply>(http, {
    // URL writes a literal IPv6 address in brackets, as the Host header has it.
    host: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
    signal,
    queries: record.queries,
    addresses,
    ask: (address, inTime) =>
      requestText(
        {
          scheme,
          address,
          port: http.ports[scheme],
          host: url.hostname,
          path: url.pathname + url.search,
          largestBody: target.rules.largestBody,
        },
        inTime,
      ),
    note: (address, ms, outcome) => record.requests.push({ url: quoteUrl(url), address, ms, ...describeOutcome(outcome) }),
  })
}

function describeOutcome(outcome: TextReply | HostFailure): Partial<HttpExchange> {
  if (outcome.kind === 'failure') return { error: outcome.failure, detail: outcome.detail }
  const { status, location } = outcome
  return { status, ...(location !== undefined && { location: quoteValue(location) }) }
}

function judgeReply(reply: TextReply, url: URL, { largestBody }: HttpRules): HttpOutcome {
  if (reply.status < 200 || reply.status > 299) return fail('httpStatus', `status ${reply.status}`, url)
  return reply.body === undefined
    ? fail('tooLarge', `the body is larger than ${largestBody / 1024} KiB`, url)
    : { kind: 'body', body: reply.body, url: url.href }
}

/** The next URL, or in words why it is not followed. */
function readRedirect(location: string | undefined, from: URL, { host, secret, rules }: HttpTarget): URL | string {
  const shown = quoteValue(location ?? '')
  const next = URL.parse(location ?? '', from.href)
  if (location === undefined || next === null) return `a redirect to ${shown}, which is no URL`
  if (next.protocol !== 'http:' && next.protocol !== 'https:') return `a redirect to ${shown}, which is neither http nor https`
  const isElsewhere = next.hostname !== host && (!rules.otherHosts || isLiteral(next.hostname))
  if (isElsewhere || next.username !== '' || next.password !== '') return `a redirect to ${shown}, away from ${host}`
  // URL leaves out the default port of its scheme: what is left is a port that is not authorized.
  if (next.port !== '') return `a redirect to ${shown}, to a port other than 80 and 443`
  if (next.href.includes(secret)) return `a redirect to ${shown}, which holds the expected value`
  if (next.href.length > longestUrl) return `a redirect to ${shown}, which is longer than ${longestUrl} characters`
  next.hash = ''
  return next
}

/** URL spells every form of an IPv4 address with four decimal numbers, and puts IPv6 ones in brackets. */
function isLiteral(hostname: string): boolean {
  return hostname.startsWith('[') || isIP(hostname) !== 0
}

function fail(failure: HttpFailure, detail: string, url: URL): HttpOutcome {
  return { kind: 'failure', failure, detail, url: url.href }
}

function quoteUrl(url: URL): string {
  return quoteValue(url.href).slice(1, -1)
}
