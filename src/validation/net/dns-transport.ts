import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
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
  readonly signal: AbortSignal
}

/**
 * Sends one query over UDP from a socket of its own, so that each query has a fresh source port of the system's random choice
 * (RFC 5452 section 9.2). Whatever does not answer this query, from this peer, is ignored and the waiting goes on.
 * Rejects with the signal's reason; the socket is closed in any case.
 */
export async function exchangeUdp(resolver: Resolver, query: Uint8Array, limits: ExchangeLimits): Promise<Exchange> {
  limits.signal.throwIfAborted()
  const waiting = waitFor(limits)
  const socket = openSocket(resolver)
  try {
    socket.on('error', (error) => waiting.fail('network', describe(error)))
    socket.on('message', (message, peer) => {
      // Connecting makes the system drop other peers; the check covers what arrives between binding and connecting.
      const isPeer = peer.address === resolver.address && peer.port === resolver.port
      if (isPeer && isReplyTo(query, message)) waiting.succeed(message)
      else waiting.ignore()
    })
    socket.once('connect', () => {
      if (waiting.isOpen()) socket.send(query)
    })
    socket.connect(resolver.port, resolver.address)
    return await waiting.exchange
  } finally {
    waiting.stop()
    socket.close()
  }
}

/**
 * The address to bind to (any) and the resolver's are literal: looking them up, as Node would in a later turn, costs a fifth of the exchange.
 */
function openSocket({ address }: Resolver): Socket {
  const family = isIPv6(address) ? 6 : 4
  return createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup: (literal, _options, callback) => callback(null, literal, family) })
}

/** As {@link exchangeUdp} over TCP: each message after two octets of length (RFC 7766 section 8), so at most 65,535 octets. */
export async function exchangeTcp(resolver: Resolver, query: Uint8Array, limits: ExchangeLimits): Promise<Exchange> {
  limits.signal.throwIfAborted()
  const waiting = waitFor(limits)
  const socket = connect({ host: resolver.address, port: resolver.port })
  try {
    let pending = Buffer.alloc(0)
    socket.on('error', (error) => waiting.fail('network', describe(error)))
    socket.on('close', () => waiting.fail('network', 'the resolver closed the connection before its reply was complete'))
    socket.on('connect', () => socket.write(frame(query)))
    socket.on('data', (chunk: Buffer) => {
      const { messages, rest } = splitFrames(Buffer.concat([pending, chunk]))
      pending = rest
      for (const message of messages) {
        if (isReplyTo(query, message)) waiting.succeed(message)
        else waiting.ignore()
      }
    })
    return await waiting.exchange
  } finally {
    waiting.stop()
    socket.destroy()
  }
}

function waitFor({ timeoutMs, signal }: ExchangeLimits) {
  const { promise, resolve, reject } = Promise.withResolvers<Exchange>()
  let ignored = 0
  let open = true
  const finish = (exchange: Exchange) => {
    open = false
    resolve(exchange)
  }
  const fail = (error: 'timeout' | 'network', detail: string) => finish({ error, detail, ignored })
  const timer = setTimeout(() => fail('timeout', `no reply within ${timeoutMs} ms`), timeoutMs)
  const abort = () => {
    open = false
    reject(signal.reason)
  }
  signal.addEventListener('abort', abort, { once: true })
  return {
    exchange: promise,
    isOpen: () => open,
    succeed: (message: Buffer) => finish({ message, ignored }),
    fail,
    ignore: () => {
      ignored += 1
    },
    stop: () => {
      open = false
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    },
  }
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
