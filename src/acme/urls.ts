import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Services } from '../services.ts'

/**
 * The bases under which a client may have addressed the service in this request: scheme, host and port, no slash at the end. The first one is
 * put into answers that nothing was signed for. A foreign `Host` header never becomes one; on the loopback, where nobody else can reach the
 * listener, the client's own does.
 */
export function basesOf({ settings }: Pick<Services, 'settings'>, req: IncomingMessage): readonly string[] {
  const { publicUrl, trustedProxies } = settings
  const { socket } = req
  const configured = publicUrl === undefined ? [] : [publicUrl]
  const isProxied = socket.remoteAddress !== undefined && trustedProxies.contains(socket.remoteAddress)
  if (isProxied && publicUrl !== undefined) return configured
  const scheme = 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http'
  const host = req.headers.host
  const address = socket.localAddress ?? ''
  if (host !== undefined && LOOPBACK_HOST.test(host) && isLoopback(address)) return [`${scheme}://${host}`, ...configured]
  if (publicUrl !== undefined) return configured
  const literal = address.replace(/^::ffff:(?=\d+\.)/, '')
  return [`${scheme}://${isIP(literal) === 6 ? `[${literal}]` : literal}:${socket.localPort ?? 0}`]
}

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}

/** The URL of an account (RFC 8555 section 7.1.2). */
export function accountUrl(base: string, id: number): string {
  return `${base}/acme/account/${id}`
}

/** The id in the URL of an account under one of the bases; undefined for any other URL. */
export function readAccountUrl(bases: readonly string[], url: string): number | undefined {
  const base = bases.find((one) => url.startsWith(`${one}/acme/account/`))
  return base === undefined ? undefined : readId(url.slice(base.length + '/acme/account/'.length))
}

/** An id in a URL, in its one spelling. */
export function readId(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9][0-9]{0,15}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined
}

/** RFC 3339 in whole seconds. */
export function formatInstant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
