import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { connect } from 'node:net'
import type { StopSignal } from './deadline.ts'
import { isReplyTo } from './dns-message.ts'

/** A resolver's end: a literal IPv4 or IPv6 address in its canonical spelling, and a port. */
export interface Resolver {
  readonly address: string
  readonly port: number
}

/** The reply to a query, or why there is none. `ignored` counts messages that came and did not answer the query. */
export type Exchange =
  | { readonly message: Buffer; readonly ignored: number }
  | { readonly error: 'timeout' | 'network'; readonly detail: string; readonly ignored: number }

export interface ExchangeLimits {
  readonly timeoutMs: number
  readonly signal: StopSignal
}

/** A query on its way. Sending it settles `exchange`, which rejects only with the reason of the signal. */
export interface PendingQuery {
  readonly octets: Uint8Array
  /** By `performance.now()`. */
  readonly started: number
  readonly exchange: Promise<Exchange>
  readonly resolve: (exchange: Exchange) => void
  readonly reject: (reason: unknown) => void
  ignored: number
}

/** Makes ready a query in the octets of {@link encodeQuery}. */
export function openQuery(octets: Uint8Array): PendingQuery {
  const { promise, resolve, reject } = Promise.withResolvers<Exchange>()
  return { octets, started: performance.now(), exchange: promise, resolve, reject, ignored: 0 }
}

/**
 * Sends queries with different questions over UDP from a socket of their own, so that they have a fresh source port of the system's random
 * choice (RFC 5452 section 9.2). Whatever answers none of them, from this peer, is ignored and the waiting goes on. The socket is closed in
 * any case.
 */
export function sendOverUdp(resolver: Resolver, queries: readonly PendingQuery[], limits: ExchangeLimits): void {
  const socket = openSocket(resolver)
  const waiting = waitFor(queries, limits, () => socket.close())
  if (!waiting.isOpen()) return
  socket.on('error', (error) => waiting.fail('network', describe(error)))
  socket.on('message', (message, peer) => {
    // Connecting makes the system drop other peers; the check covers what arrives between binding and connecting.
    if (peer.address === resolver.address && peer.port === resolver.port) waiting.hear(message)
    else waiting.ignore()
  })
  // The system may tell of the first message's refusal where the second is sent: without a callback Node drops it.
  const sent = (error: Error | null) => {
    if (error !== null) waiting.fail('network', describe(error))
  }
  socket.on('connect', () => {
    for (const { octets } of queries) if (waiting.isOpen()) socket.send(octets, sent)
  })
  socket.connect(resolver.port, resolver.address)
}

/**
 * The address to bind to (any) and the resolver's are literal: looking them up, as Node would in a later turn, costs a fifth of the exchange.
 */
function openSocket({ address }: Resolver): Socket {
  const family = address.includes(':') ? 6 : 4
  return createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup: (literal, _options, callback) => callback(null, literal, family) })
}

/** As {@link sendOverUdp} over TCP: each message after two octets of length (RFC 7766 section 8), so at most 65,535 octets. */
export function sendOverTcp(resolver: Resolver, query: PendingQuery, limits: ExchangeLimits): void {
  const socket = connect({ host: resolver.address, port: resolver.port })
  const waiting = waitFor([query], limits, () => socket.destroy())
  let pending = Buffer.alloc(0)
  socket.on('error', (error) => waiting.fail('network', describe(error)))
  socket.on('close', () => waiting.fail('network', 'the resolver closed the connection before its reply was complete'))
  socket.on('connect', () => socket.write(frame(query.octets)))
  socket.on('data', (chunk: Buffer) => {
    const { messages, rest } = splitFrames(Buffer.concat([pending, chunk]))
    pending = rest
    for (const message of messages) waiting.hear(message)
  })
}

/** Waits for the replies to queries, and calls `close` once as soon as there is nothing left to wait for. */
function waitFor(queries: readonly PendingQuery[], { timeoutMs, signal }: ExchangeLimits, close: () => void) {
  const open = new Set(queries)
  const stop = () => {
    open.clear()
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    close()
  }
  const abort = () => {
    for (const { reject } of open) reject(signal.reason)
    stop()
  }
  const fail = (error: 'timeout' | 'network', detail: string) => {
    if (open.size === 0) return
    for (const { resolve, ignored } of open) resolve({ error, detail, ignored })
    stop()
  }
  const ignore = () => {
    for (const query of open) query.ignored += 1
  }
  const hear = (message: Buffer) => {
    const query = queries.find(({ octets }) => isReplyTo(octets, message))
    if (query === undefined) return ignore()
    query.resolve({ message, ignored: query.ignored })
    // Another reply to a query that has one is no sign of anything.
    if (open.delete(query) && open.size === 0) stop()
  }
  const timer = setTimeout(() => fail('timeout', `no reply within ${timeoutMs} ms`), timeoutMs)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  return { isOpen: () => open.size > 0, hear, ignore, fail }
}

function frame(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

function splitFrames(octets: Buffer): { messages: Buffer[]; rest: Buffer<ArrayBuffer> } {
  const messages: Buffer[] = []
  let offset = 0
  while (octets.length - offset >= 2) {
    const end = offset + 2 + octets.readUInt16BE(offset)
    if (end > octets.length) break
    messages.push(octets.subarray(offset + 2, end))
    offset = end
  }
  return { messages, rest: Buffer.from(octets.subarray(offset)) }
}

function describe(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
