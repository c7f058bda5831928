import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { NetworkList } from '../config.ts'

/** Where a request is from. */
export interface RequestSource {
  /** The client's address, without the prefix of a mapped IPv4 address. */
  readonly ip: string
  /** The client's connection is TLS. */
  readonly secure: boolean
}

/**
 * Whose request it is: the peer's; behind trusted proxies, that of the last address of `X-Forwarded-For` (or `Forwarded`, RFC 7239) that is no
 * trusted proxy itself. What stands left of it anybody could have written. A header that cannot be read leaves the peer's address.
 */
export function readRequestSource(req: Pick<IncomingMessage, 'socket' | 'headers'>, trusted: NetworkList): RequestSource {
  const peer = unmapped(req.socket.remoteAddress ?? '')
  const encrypted = 'encrypted' in req.socket && req.socket.encrypted === true
  if (isIP(peer) === 0 || !trusted.contains(peer)) return { ip: peer, secure: encrypted }
  const { for: hops, proto } = readForwarding(req.headers)
  let ip = peer
  for (const hop of hops.toReversed()) {
    const address = plainAddress(hop)
    if (isIP(address) === 0) break
    ip = address
    if (!trusted.contains(address)) break
  }
  return { ip, secure: encrypted || proto === 'https' }
}

interface Forwarding {
  /** From the client to the last proxy before ours. */
  readonly for: readonly string[]
  /** As the last proxy saw it. */
  readonly proto: string | undefined
}

function readForwarding(headers: IncomingMessage['headers']): Forwarding {
  const list = headerText(headers['x-forwarded-for'])
  if (list === undefined && headers.forwarded !== undefined) return readForwarded(headers.forwarded)
  const proto = headerText(headers['x-forwarded-proto'])?.split(',').at(-1)?.trim().toLowerCase()
  return { for: list === undefined ? [] : list.split(',').map((hop) => hop.trim()), proto }
}

/** RFC 7239 section 4. */
function readForwarded(text: string): Forwarding {
  const hops = text.split(',').map((element) => {
    const pairs = element.split(';').map((pair) => /^\s*([A-Za-z]+)=("?)([^"]*)\2\s*$/.exec(pair))
    return new Map(pairs.flatMap((match) => (match === null ? [] : [[(match[1] ?? '').toLowerCase(), match[3] ?? ''] as const])))
  })
  return { for: hops.map((hop) => hop.get('for') ?? ''), proto: hops.at(-1)?.get('proto')?.toLowerCase() }
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value
}

/** Without brackets, port, and the prefix of a mapped IPv4 address. */
function plainAddress(text: string): string {
  const bare = /^\[(.+)\](:\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text
  return unmapped(bare)
}

function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}
