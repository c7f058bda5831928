import { isIPv6 } from 'node:net'
import type { AddressGuard } from './address-guard.ts'
import type { DnsClient, DnsExchange } from './dns-client.ts'
import { findAddresses } from './find-addresses.ts'
import type { AddressFailure } from './find-addresses.ts'
import { requestText } from './request-text.ts'
import type { HttpScheme, TextReply } from './request-text.ts'
import { quoteValue } from './quote-value.ts'

export interface GuardedHttp {
  readonly client: DnsClient
  readonly guard: AddressGuard
  /** The ports that `http` and `https` mean: 80 and 443 (BR 1.6.1, authorized ports), others for tests. */
  readonly ports: Readonly<Record<HttpScheme, number>>
  /** For all of one {@link getGuarded}: look-ups, redirects and body. */
  readonly timeoutMs: number
}

export interface HttpTarget {
  readonly scheme: HttpScheme
  /** A-label name. */
  readonly host: string
  readonly path: string
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

export type HttpFailure = AddressFailure | 'forbiddenAddress' | 'tls' | 'httpStatus' | 'badRedirect' | 'tooLarge'

export type HttpOutcome =
  | { readonly kind: 'body'; readonly body: string; readonly url: string }
  | { readonly kind: 'failure'; readonly failure: HttpFailure; readonly detail: string; readonly url: string }

/** What a check asked so far, to append to. */
export interface HttpRecord {
  readonly queries: DnsExchange[]
  readonly requests: HttpExchange[]
}

const mostRedirects = 5
const redirectStatuses = [301, 302, 307, 308]

/**
 * Gets a small text from a host that a stranger named, with the care this needs: the name is resolved by our own client, the address is
 * judged and then connected to as it is (no second look-up), one IPv6 and then one IPv4 address is tried, redirects (301, 302, 307, 308)
 * stay on the host and on the authorized ports, and time, headers (16 KiB) and body (64 KiB) are limited.
 *
 * Rejects with the signal's reason when it aborts; everything the network does is an outcome.
 */
export async function getGuarded(
  http: GuardedHttp,
  target: HttpTarget,
  { signal, record }: { signal: AbortSignal; record: HttpRecord },
): Promise<HttpOutcome> {
  const deadline = AbortSignal.timeout(http.timeoutMs)
  const hop: Hop = { http, record, signal: AbortSignal.any([signal, deadline]), host: target.host }
  let url = new URL(`${target.scheme}://${target.host}${target.path}`)
  try {
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      const reply = await getOnce(hop, url)
      signal.throwIfAborted()
      if (reply.kind === 'failure') return { ...reply, url: url.href }
      if (!redirectStatuses.includes(reply.status)) return judgeReply(reply, url)
      const next = readRedirect(reply.location, url, target)
      if (typeof next === 'string') return fail('badRedirect', next, url)
      url = next
    }
    return fail('badRedirect', `more than ${mostRedirects} redirects`, url)
  } catch (error) {
    if (signal.aborted || !deadline.aborted) throw error
    return fail('timeout', `no complete answer within ${http.timeoutMs} ms`, url)
  }
}

interface Hop {
  readonly http: GuardedHttp
  readonly record: HttpRecord
  readonly signal: AbortSignal
  readonly host: string
}

type HopFailure = { kind: 'failure'; failure: HttpFailure; detail: string }

async function getOnce(hop: Hop, url: URL): Promise<TextReply | HopFailure> {
  const found = await findAddresses({ client: hop.http.client, queries: hop.record.queries }, hop.host, hop.signal)
  if (found.kind === 'failure') return found
  const six = found.addresses.find((address) => isIPv6(address))
  const four = found.addresses.find((address) => !isIPv6(address))
  if (six === undefined || four === undefined) return getFrom(six ?? four ?? '', hop, url)
  // Half of the time for IPv6, so that a broken path leaves some for IPv4.
  const half = { ...hop, signal: AbortSignal.any([hop.signal, AbortSignal.timeout(hop.http.timeoutMs / 2)]) }
  const first = await getFrom(six, half, url)
  hop.signal.throwIfAborted()
  return first.kind === 'reply' ? first : getFrom(four, hop, url)
}

/** Asks one address. Running out of time is a failure like others here: whether it ends the whole is for the callers to see. */
async function getFrom(address: string, { http, record, signal, host }: Hop, url: URL): Promise<TextReply | HopFailure> {
  const started = performance.now()
  const note = (seen: Partial<HttpExchange>) =>
    record.requests.push({ url: quoteUrl(url), address, ms: Math.round((performance.now() - started) * 10) / 10, ...seen })
  const failWith = (failure: HttpFailure, detail: string): HopFailure => {
    note({ error: failure, detail })
    return { kind: 'failure', failure, detail }
  }
  if (!http.guard.allows(address)) {
    return failWith('forbiddenAddress', `${address} is a special-use address, and CHANCERY_VALIDATION_ALLOW_CIDRS does not allow it`)
  }
  const scheme: HttpScheme = url.protocol === 'https:' ? 'https' : 'http'
  try {
    const reply = await requestText({ scheme, address, port: http.ports[scheme], host, path: url.pathname + url.search }, signal)
    if (reply.kind === 'failure') return failWith(reply.failure, `${reply.detail} from ${address}`)
    note({ status: reply.status, ...(reply.location !== undefined && { location: quoteValue(reply.location) }) })
    return reply
  } catch {
    // The request rejects only when its signal aborts.
    return failWith('timeout', `no complete answer from ${address} in time`)
  }
}

function judgeReply(reply: TextReply, url: URL): HttpOutcome {
  if (reply.status < 200 || reply.status > 299) return fail('httpStatus', `status ${reply.status}`, url)
  return reply.body === undefined
    ? fail('tooLarge', 'the body is larger than 64 KiB', url)
    : { kind: 'body', body: reply.body, url: url.href }
}

/** The next URL, or in words why it is not followed. */
function readRedirect(location: string | undefined, from: URL, { host, secret }: HttpTarget): URL | string {
  const shown = quoteValue(location ?? '')
  const next = URL.parse(location ?? '', from.href)
  if (location === undefined || next === null) return `a redirect to ${shown}, which is no URL`
  if (next.protocol !== 'http:' && next.protocol !== 'https:') return `a redirect to ${shown}, which is neither http nor https`
  if (next.hostname !== host || next.username !== '' || next.password !== '') return `a redirect to ${shown}, away from ${host}`
  // URL leaves out the default port of its scheme: what is left is a port that is not authorized.
  if (next.port !== '') return `a redirect to ${shown}, to a port other than 80 and 443`
  if (next.href.includes(secret)) return `a redirect to ${shown}, which holds the expected value`
  next.hash = ''
  return next
}

function fail(failure: HttpFailure, detail: string, url: URL): HttpOutcome {
  return { kind: 'failure', failure, detail, url: url.href }
}

function quoteUrl(url: URL): string {
  return quoteValue(url.href).slice(1, -1)
}
