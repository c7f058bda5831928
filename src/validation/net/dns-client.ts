import type { StopSignal } from './deadline.ts'
import { encodeQuery, isDnsName } from './dns-message.ts'
import type { DnsQuestion, DnsRecord, DnsType } from './dns-message.ts'
import { decodeReply } from './dns-reply.ts'
import type { DnsReply } from './dns-reply.ts'
import { openQuery, sendOverTcp, sendOverUdp } from './dns-transport.ts'
import type { Exchange, ExchangeLimits, PendingQuery, Resolver } from './dns-transport.ts'
import { knowResolver } from './known-resolver.ts'
import type { KnownResolver } from './known-resolver.ts'
import { quoteValue } from './quote-value.ts'

export interface DnsClientOptions {
  /** Asked in this order: the next one only when one does not answer, or refuses. Literal addresses. */
  readonly resolvers: readonly Resolver[]
  /** For one query over one transport. */
  readonly timeoutMs: number
  /** How often the whole list of resolvers is gone through, at least 1. */
  readonly tries: number
  /** Cryptographically strong random octets. */
  readonly randomBytes: (length: number) => Uint8Array
}

/** One query and what came back, as plain data for the record. */
export interface DnsExchange {
  /** `address:port`, an IPv6 address in brackets. */
  readonly resolver: string
  readonly name: string
  readonly type: DnsType
  readonly transport: 'udp' | 'tcp'
  readonly ms: number
  readonly rcode?: string
  /** The resolver validated the answer by DNSSEC. True only from a resolver on loopback: elsewhere the bit can be forged. */
  readonly ad?: boolean
  readonly truncated?: boolean
  /** At most 20, values cut and escaped by {@link quoteValue}. */
  readonly answers: readonly DnsRecord[]
  /** Answers beyond those recorded. */
  readonly answersLeftOut?: number
  /** Messages that arrived and did not match the query: a sign of spoofing. */
  readonly ignored?: number
  readonly error?: DnsFailure
  readonly detail?: string
}

export type DnsFailure = 'timeout' | 'network' | 'malformed'

/** What a query came to. Every exchange is listed, the decisive one last. Any response code is an answer, not a failure. */
export type DnsAnswer =
  | {
      readonly kind: 'answer'
      readonly rcode: string
      readonly ad: boolean
      readonly records: readonly DnsRecord[]
      readonly exchanges: readonly DnsExchange[]
    }
  | { readonly kind: 'failure'; readonly failure: DnsFailure; readonly detail: string; readonly exchanges: readonly DnsExchange[] }

export interface DnsClient {
  /** Asks for the records of one type at a name. Rejects with the signal's reason when it aborts, and for no other reason. */
  query(name: string, type: DnsType, signal: StopSignal): Promise<DnsAnswer>
  /** Asks for the addresses of a host as two calls of {@link query} would, but with the first two messages from one socket. */
  queryAddresses(name: string, signal: StopSignal): { readonly six: Promise<DnsAnswer>; readonly four: Promise<DnsAnswer> }
}

const answersRecorded = 20
const octetsOfIds = 256

/**
 * A DNS client that trusts nothing but what it configured: a fresh source port for each query or pair of them, a fresh id for each query,
 * replies matched by id, question and peer (RFC 5452), the same question over TCP after truncation (RFC 7766). It never uses the system's
 * stub resolver.
 *
 * A timeout, a network error, an unreadable reply and REFUSED lead on to the next resolver. SERVFAIL does not: it is how a validating
 * resolver reports a broken signature, and a second, laxer resolver must not overrule it (BR 4.2.2.2).
 *
 * Throws an Error when no resolver is given, or one is no literal address.
 */
export function createDnsClient({ resolvers, timeoutMs, tries, randomBytes }: DnsClientOptions): DnsClient {
  const known = resolvers.map(knowResolver)
  const [first] = known
  if (first === undefined) throw new Error('A DNS client needs at least one resolver.')
  const turns = Array.from({ length: Math.max(1, tries) }, () => known).flat()
  const nextId = drawIds(randomBytes)

  /** `sent` is the first query if that is on its way already. */
  const ask = async (question: DnsQuestion, signal: StopSignal, sent?: PendingQuery): Promise<DnsAnswer> => {
    const exchanges: DnsExchange[] = []
    let answer: DnsAnswer = { kind: 'failure', failure: 'network', detail: 'no resolver was asked', exchanges }
    let query = sent
    for (const resolver of turns) {
      const turn: Turn = { question, resolver, limits: { timeoutMs, signal }, nextId, exchanges }
      query ??= sendAlone(turn)
      const reply = readExchange(turn, 'udp', query, await query.exchange)
      answer = reply === 'truncated' ? await askOverTcp(turn) : reply
      if (answer.kind === 'answer' && answer.rcode !== 'REFUSED') break
      query = undefined
    }
    return answer
  }

  const query: DnsClient['query'] = async (name, type, signal) => {
    signal.throwIfAborted()
    return isDnsName(name) ? ask({ name, type }, signal) : refuseName(name)
  }

  return {
    query,
    queryAddresses(name, signal) {
      if (signal.aborted || !isDnsName(name)) return { six: query(name, 'AAAA', signal), four: query(name, 'A', signal) }
      const [askSix, askFour] = [{ name, type: 'AAAA' } as const, { name, type: 'A' } as const]
      const [six, four] = [openQuery(encodeQuery(askSix, nextId())), openQuery(encodeQuery(askFour, nextId()))]
      sendOverUdp(first, [six, four], { timeoutMs, signal })
      return { six: ask(askSix, signal, six), four: ask(askFour, signal, four) }
    },
  }
}

function refuseName(name: string): DnsAnswer {
  return { kind: 'failure', failure: 'malformed', detail: `${quoteValue(name)} is not a DNS name`, exchanges: [] }
}

interface Turn {
  readonly question: DnsQuestion
  readonly resolver: KnownResolver
  readonly limits: ExchangeLimits
  /** A fresh random message id, 16 bits. */
  readonly nextId: () => number
  /** The record of the query, to append to. */
  readonly exchanges: DnsExchange[]
}

function sendAlone({ question, resolver, limits, nextId }: Turn): PendingQuery {
  const query = openQuery(encodeQuery(question, nextId()))
  sendOverUdp(resolver, [query], limits)
  return query
}

async function askOverTcp(turn: Turn): Promise<DnsAnswer> {
  const { question, resolver, limits, nextId, exchanges } = turn
  const query = openQuery(encodeQuery(question, nextId()))
  sendOverTcp(resolver, query, limits)
  const reply = readExchange(turn, 'tcp', query, await query.exchange)
  return reply === 'truncated' ? { kind: 'failure', failure: 'malformed', detail: 'truncated over TCP', exchanges } : reply
}

/** Ids, each used once, from blocks of random octets: a call of the system's generator costs more than all else of a query's encoding. */
function drawIds(randomBytes: (length: number) => Uint8Array): () => number {
  let block: Uint8Array = new Uint8Array()
  let offset = 0
  return () => {
    if (offset + 2 > block.length) {
      block = randomBytes(octetsOfIds)
      offset = 0
    }
    const [high = 0, low = 0] = [block[offset], block[offset + 1]]
    offset += 2
    return (high << 8) | low
  }
}

/** Reads what came of a query, and records it. */
function readExchange(turn: Turn, transport: 'udp' | 'tcp', query: PendingQuery, exchange: Exchange): DnsAnswer | 'truncated' {
  const { question, resolver, exchanges } = turn
  const seen = {
    resolver: resolver.label,
    name: question.name,
    type: question.type,
    transport,
    ms: Math.round((performance.now() - query.started) * 10) / 10,
    ...(exchange.ignored > 0 && { ignored: exchange.ignored }),
  }
  const reply = readReply(exchange)
  if ('failure' in reply) {
    const { failure, detail } = reply
    exchanges.push({ ...seen, answers: [], error: failure, detail })
    return { kind: 'failure', failure, detail, exchanges }
  }
  const { rcode, records, truncated } = reply
  const ad = reply.ad && resolver.isLoopback
  exchanges.push({ ...seen, rcode, ad, ...(truncated && { truncated }), ...recordAnswers(records) })
  return truncated ? 'truncated' : { kind: 'answer', rcode, ad, records, exchanges }
}

function readReply(exchange: Exchange): DnsReply | { failure: DnsFailure; detail: string } {
  if ('error' in exchange) return { failure: exchange.error, detail: exchange.detail }
  try {
    return decodeReply(exchange.message)
  } catch (error) {
    return { failure: 'malformed', detail: `the reply is not readable: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function recordAnswers(records: readonly DnsRecord[]) {
  const answers = records.slice(0, answersRecorded).map((record) => ({ ...record, value: quoteValue(record.value) }))
  const answersLeftOut = records.length - answers.length
  return { answers, ...(answersLeftOut > 0 && { answersLeftOut }) }
}
