import { SocketAddress, isIP, isIPv6 } from 'node:net'
import { isLoopback } from './address-guard.ts'
import { decodeReply, encodeQuery, isDnsName } from './dns-message.ts'
import type { DnsQuestion, DnsRecord, DnsReply, DnsType } from './dns-message.ts'
import { exchangeTcp, exchangeUdp } from './dns-transport.ts'
import type { Exchange, Resolver } from './dns-transport.ts'
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
  query(name: string, type: DnsType, signal: AbortSignal): Promise<DnsAnswer>
}

const answersRecorded = 20
const octetsOfIds = 256

/**
 * A DNS client that trusts nothing but what it configured: a fresh source port and id for each query, replies matched by id, question
 * and peer (RFC 5452), the same question over TCP after truncation (RFC 7766). It never uses the system's stub resolver.
 *
 * A timeout, a network error, an unreadable reply and REFUSED lead on to the next resolver. SERVFAIL does not: it is how a validating
 * resolver reports a broken signature, and a second, laxer resolver must not overrule it (BR 4.2.2.2).
 *
 * Throws an Error when no resolver is given, or one is no literal address.
 */
export function createDnsClient(options: DnsClientOptions): DnsClient {
  if (options.resolvers.length === 0) throw new Error('A DNS client needs at least one resolver.')
  const turns = Array.from({ length: Math.max(1, options.tries) }, () => options.resolvers.map(canonicalResolver)).flat()
  const nextId = drawIds(options.randomBytes)
  return {
    async query(name, type, signal) {
      signal.throwIfAborted()
      if (!isDnsName(name)) {
        return { kind: 'failure', failure: 'malformed', detail: `${quoteValue(name)} is not a DNS name`, exchanges: [] }
      }
      const exchanges: DnsExchange[] = []
      let last: Outcome = { kind: 'failure', failure: 'network', detail: 'no resolver was asked' }
      for (const resolver of turns) {
        last = await askResolver({ name, type }, { timeoutMs: options.timeoutMs, nextId, resolver, signal, exchanges })
        if (last.kind === 'answer' && last.rcode !== 'REFUSED') break
      }
      return { ...last, exchanges }
    },
  }
}

type Outcome =
  | { kind: 'answer'; rcode: string; ad: boolean; records: readonly DnsRecord[] }
  | { kind: 'failure'; failure: DnsFailure; detail: string }

interface Turn {
  readonly resolver: Resolver
  readonly timeoutMs: number
  /** A fresh random message id, 16 bits. */
  readonly nextId: () => number
  readonly signal: AbortSignal
  /** The record of the query, to append to. */
  readonly exchanges: DnsExchange[]
}

async function askResolver(question: DnsQuestion, turn: Turn): Promise<Outcome> {
  const overUdp = await askOver('udp', question, turn)
  if (overUdp.kind === 'failure' || !overUdp.truncated) return overUdp
  const overTcp = await askOver('tcp', question, turn)
  if (overTcp.kind === 'failure' || !overTcp.truncated) return overTcp
  return { kind: 'failure', failure: 'malformed', detail: 'truncated over TCP' }
}

async function askOver(transport: 'udp' | 'tcp', question: DnsQuestion, turn: Turn): Promise<Outcome & { truncated?: boolean }> {
  const query = encodeQuery(question, turn.nextId())
  const started = performance.now()
  const exchange = await (transport === 'udp' ? exchangeUdp : exchangeTcp)(turn.resolver, query, turn)
  const reply = readExchange(exchange)
  const seen = {
    resolver: formatResolver(turn.resolver),
    ...question,
    transport,
    ms: Math.round((performance.now() - started) * 10) / 10,
    ...(exchange.ignored > 0 && { ignored: exchange.ignored }),
  }
  if ('failure' in reply) {
    turn.exchanges.push({ ...seen, answers: [], error: reply.failure, detail: reply.detail })
    return { kind: 'failure', ...reply }
  }
  const { rcode, records, truncated } = reply
  const ad = reply.ad && isLoopback(turn.resolver.address)
  turn.exchanges.push({ ...seen, rcode, ad, ...(truncated && { truncated }), ...recordAnswers(records) })
  return { kind: 'answer', rcode, ad, records, truncated }
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
    const [high = 0, low = 0] = block.subarray(offset, offset + 2)
    offset += 2
    return (high << 8) | low
  }
}

function readExchange(exchange: Exchange): DnsReply | { failure: DnsFailure; detail: string } {
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

function canonicalResolver({ address, port }: Resolver): Resolver {
  const family = isIP(address)
  if (family === 0) throw new Error(`The resolver ${address} is not a literal address.`)
  // An address with a zone (fe80::1%eth0) has no SocketAddress; the system spells it as it was given.
  if (family === 4 || address.includes('%')) return { address, port }
  return { address: new SocketAddress({ address, family: 'ipv6' }).address, port }
}

function formatResolver({ address, port }: Resolver): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`
}
