import { connect as connectTcp, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls, createSecureContext } from 'node:tls'
import type { SecureContext } from 'node:tls'
import type { StopSignal } from './deadline.ts'
import { createResponseReader } from './http-response.ts'
import type { ResponseOutcome } from './http-response.ts'
import { readSocketError } from './socket-error.ts'
import type { SocketFailure } from './socket-error.ts'

export type HttpScheme = 'http' | 'https'

export interface TextRequest {
  readonly scheme: HttpScheme
  /** A literal address: nothing is looked up here. */
  readonly address: string
  readonly port: number
  /** For the Host header and SNI: a name, or a literal address, an IPv6 one in brackets. */
  readonly host: string
  readonly path: string
  /** Octets. */
  readonly largestBody: number
}

export interface TextReply {
  readonly kind: 'reply'
  readonly status: number
  readonly location?: string
  /** Read as UTF-8; absent when it is larger than asked for. */
  readonly body?: string
}

/**
 * Sends one GET over a connection of its own: no proxy, no cookies, no compression, no redirects. The certificate of an https server is not
 * verified, because its owner may be about to get the first one. Rejects with the signal's reason; the connection is closed in any case.
 */
export async function requestText(target: TextRequest, signal: StopSignal): Promise<TextReply | SocketFailure> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<ResponseOutcome | SocketFailure>()
  const reader = createResponseReader(target.largestBody)
  const socket = connect(target)
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    socket.on('connect', () => {
      // Whoever listens for data before there is a connection waits for it twice.
      socket.on('data', (octets: Buffer) => {
        const outcome = reader.push(octets)
        if (outcome !== undefined) resolve(outcome)
      })
      socket.write(writeRequest(target), 'latin1')
    })
    socket.on('end', () => resolve(reader.end()))
    socket.on('error', (error) => resolve(readSocketError(error)))
    socket.on('close', () => resolve(closedEarly))
    const outcome = await promise
    return outcome.kind === 'failure' ? outcome : readOutcome(outcome)
  } finally {
    signal.removeEventListener('abort', abort)
    socket.destroy()
  }
}

const closedEarly: SocketFailure = {
  kind: 'failure',
  failure: 'network',
  detail: 'the connection was closed before there was an answer',
}

function connect({ scheme, address, port, host }: TextRequest): Socket {
  if (scheme === 'http') return connectTcp({ host: address, port })
  // RFC 6066 section 3: a literal address is no server name.
  const name = host.startsWith('[') || isIP(host) !== 0 ? {} : { servername: host }
  return connectTls({
    host: address,
    port,
    ...name,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    secureContext: sharedContext(),
  })
}

let context: SecureContext | undefined

/** Without roots: nothing is verified by them, and to load them costs more than the whole request. */
function sharedContext(): SecureContext {
  context ??= createSecureContext({ ca: [] })
  return context
}

/** The path and the host come from a URL, which escapes what could end a line. */
function writeRequest({ path, host }: TextRequest): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\nAccept-Encoding: identity\r\nUser-Agent: chancery-validation\r\nConnection: close\r\n\r\n`
}

function readOutcome(outcome: ResponseOutcome): TextReply | SocketFailure {
  if (outcome.kind === 'malformed') return { kind: 'failure', failure: 'network', detail: `no HTTP answer (${outcome.detail})` }
  const { status, location, body } = outcome
  return {
    kind: 'reply',
    status,
    ...(location !== undefined && { location }),
    ...(body !== undefined && { body: body.toString('utf8') }),
  }
}
