import { request as requestHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'

export type HttpScheme = 'http' | 'https'

export interface TextRequest {
  readonly scheme: HttpScheme
  /** A literal address: nothing is looked up here. */
  readonly address: string
  readonly port: number
  /** For the Host header and SNI. */
  readonly host: string
  readonly path: string
}

export interface TextReply {
  readonly kind: 'reply'
  readonly status: number
  readonly location?: string
  /** Read as UTF-8; absent when it is larger than 64 KiB. */
  readonly body?: string
}

export type TextOutcome = TextReply | { readonly kind: 'failure'; readonly failure: 'network' | 'tls'; readonly detail: string }

const TLS_FAILED = 'TLS failed'
const largestBody = 64 * 1024
const largestHeaders = 16 * 1024

/**
 * Sends one GET over a connection of its own: no proxy, no cookies, no compression, no redirects. The certificate of an https server is not
 * verified, because its owner may be about to get the first one. Rejects with the signal's reason; the connection is closed in any case.
 */
export async function requestText(target: TextRequest, signal: AbortSignal): Promise<TextOutcome> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const send = target.scheme === 'https' ? requestHttps : requestHttp
  const request = send({
    host: target.address,
    port: target.port,
    path: target.path,
    method: 'GET',
    agent: false,
    maxHeaderSize: largestHeaders,
    headers: { Host: target.host, Accept: '*/*', 'Accept-Encoding': 'identity', 'User-Agent': 'chancery-validation', Connection: 'close' },
    ...(target.scheme === 'https' && { servername: target.host, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] }),
  })
  const abort = () => request.destroy(new Error('aborted'))
  signal.addEventListener('abort', abort, { once: true })
  try {
    request.on('response', resolve)
    request.on('error', reject)
    // A server that switches protocols makes Node close the connection without an error.
    request.on('close', () => reject(new Error('the server closed the connection without an answer')))
    request.end()
    const response = await promise
    const body = await readBody(response)
    const { location } = response.headers
    return {
      kind: 'reply',
      status: response.statusCode ?? 0,
      ...(location !== undefined && { location }),
      ...(body !== undefined && { body }),
    }
  } catch (error) {
    signal.throwIfAborted()
    const detail = describe(error)
    return { kind: 'failure', failure: detail.startsWith(TLS_FAILED) ? 'tls' : 'network', detail }
  } finally {
    signal.removeEventListener('abort', abort)
    request.destroy()
  }
}

async function readBody(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  // Without an encoding the stream gives Buffers.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > largestBody) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.message
  // The code alone does not say that it is TLS that failed, and the message is OpenSSL's error queue.
  return /^(EPROTO$|ERR_SSL_|ERR_TLS_)/.test(code) ? `${TLS_FAILED} (${code})` : code
}
