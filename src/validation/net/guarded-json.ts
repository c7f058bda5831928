import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { getCACertificates, TLSSocket } from 'node:tls'
import type { AddressGuard } from './address-guard.ts'
import type { DnsClient } from './dns-client.ts'
import { findAddresses } from './find-addresses.ts'
import { listIssuingSha1s } from './issuing-chain.ts'

export interface GuardedJsonOptions {
  readonly client: DnsClient
  readonly guard: AddressGuard
  /** PEM certificates of further roots, beside those of Node. */
  readonly extraRoots: readonly string[]
  /** For one fetch: look-up, connection and body. */
  readonly timeoutMs: number
}

/** What a fetch came to. `detail` is for the operator's log. */
export type JsonOutcome =
  | {
      readonly kind: 'json'
      readonly content: unknown
      /** Hex, lower case: the server's certificate and every one above it that signed for it. */
      readonly certificateSha1s: readonly string[]
    }
  | { readonly kind: 'failure'; readonly failure: JsonFailure; readonly detail: string }

export type JsonFailure = 'address' | 'forbiddenAddress' | 'network' | 'tls' | 'httpStatus' | 'tooLarge' | 'malformed' | 'timeout'

const largestBody = 256 * 1024
const largestHeaders = 16 * 1024

/**
 * Gets a JSON document over https from a host that the operator allowed, with the care this needs: the name is resolved by our own client,
 * each address is judged and then connected to as it is (no second look-up), the certificate is verified, no redirect is followed, no proxy
 * asked, and time, headers (16 KiB) and body (256 KiB) are limited. Everything the network does is an outcome.
 */
export function createGuardedJson(options: GuardedJsonOptions): (url: URL) => Promise<JsonOutcome> {
  const roots = [...getCACertificates('default'), ...options.extraRoots]
  return async (url) => {
    if (url.protocol !== 'https:') return fail('network', 'only https is fetched')
    const signal = AbortSignal.timeout(options.timeoutMs)
    try {
      return await fetchFrom(options, roots, url, signal)
    } catch (error) {
      if (!signal.aborted) throw error
      return fail('timeout', `no complete answer within ${options.timeoutMs} ms`)
    }
  }
}

/** One address is asked, an IPv4 one if there is: a second try would need a second judgement of the time that is left. */
async function fetchFrom(options: GuardedJsonOptions, roots: readonly string[], url: URL, signal: AbortSignal): Promise<JsonOutcome> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) === 0 ? await lookUp(options.client, host, signal) : [host]
  if (!Array.isArray(addresses)) return addresses
  const address = addresses.find((found) => isIP(found) === 4) ?? addresses[0] ?? ''
  // One forbidden address is enough: a name that also leads inside is not to be played with.
  const forbidden = addresses.find((found) => !options.guard.allows(found))
  if (forbidden !== undefined) return fail('forbiddenAddress', `${forbidden} is a special-use address`)
  return await getJson({ url, host, address, roots }, signal)
}

async function lookUp(client: DnsClient, host: string, signal: AbortSignal): Promise<string[] | JsonOutcome> {
  const found = await findAddresses({ client, queries: [] }, host, signal)
  return found.kind === 'found' ? [...found.addresses] : fail('address', found.detail)
}

interface JsonRequest {
  readonly url: URL
  /** For Host, SNI and the certificate's name. */
  readonly host: string
  readonly address: string
  readonly roots: readonly string[]
}

async function getJson({ url, host, address, roots }: JsonRequest, signal: AbortSignal): Promise<JsonOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = requestHttps({
    host: address,
    port: url.port === '' ? 443 : Number(url.port),
    path: url.pathname + url.search,
    method: 'GET',
    agent: false,
    signal,
    ca: [...roots],
    rejectUnauthorized: true,
    ...(isIP(host) === 0 && { servername: host }),
    minVersion: 'TLSv1.2',
    maxHeaderSize: largestHeaders,
    headers: { Host: url.host, Accept: 'application/json', 'Accept-Encoding': 'identity', 'User-Agent': 'chancery', Connection: 'close' },
  })
  try {
    request.on('response', resolve)
    request.on('error', reject)
    // A server that switches protocols makes Node close the connection without an error.
    request.on('close', () => reject(new Error('the server closed the connection without an answer')))
    request.end()
    const response = await promise
    if (response.statusCode !== 200) return fail('httpStatus', `status ${response.statusCode ?? 0}; redirects are not followed`)
    const certificateSha1s = readChain(response, roots)
    const body = await readBody(response)
    if (body === undefined) return fail('tooLarge', 'the body is larger than 256 KiB')
    return parseBody(body, certificateSha1s)
  } catch (error) {
    signal.throwIfAborted()
    const code = describe(error)
    return fail(isTlsFailure(code) ? 'tls' : 'network', `${code} from ${address}`)
  } finally {
    request.destroy()
  }
}

function readChain({ socket }: IncomingMessage, roots: readonly string[]): string[] {
  if (!(socket instanceof TLSSocket)) throw new Error('an https answer comes over TLS')
  const presented: X509Certificate[] = []
  const seen = new Set<string>()
  for (let next = socket.getPeerX509Certificate(); next !== undefined && !seen.has(next.fingerprint256); next = next.issuerCertificate) {
    seen.add(next.fingerprint256)
    presented.push(next)
  }
  return listIssuingSha1s(presented, roots)
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

function parseBody(body: string, certificateSha1s: readonly string[]): JsonOutcome {
  try {
    return { kind: 'json', content: JSON.parse(body), certificateSha1s }
  } catch {
    return fail('malformed', 'the body is no JSON')
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

/** Node names faults of certificates by OpenSSL's words for them. */
function isTlsFailure(code: string): boolean {
  return /^(EPROTO$|ERR_SSL_|ERR_TLS_)|CERT|SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH/.test(
    code,
  )
}

function fail(failure: JsonFailure, detail: string): JsonOutcome {
  return { kind: 'failure', failure, detail }
}
