import { createSocket } from 'node:dgram'
import type { Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, isIPv6 } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { AUTHORITATIVE_ANSWER, TRUNCATED_RESPONSE, decode, encode } from 'dns-packet'
import type { Answer, DecodedPacket, Packet, Question } from 'dns-packet'

export interface DnsServerOptions {
  /** Loopback address to serve on; `127.0.0.1` if not given. */
  readonly address?: string
  /** UDP and TCP port; 0, or none, takes a free one. */
  readonly port?: number
  /** TXT records to begin with: values by name. */
  readonly txt?: Readonly<Record<string, readonly TxtValue[]>>
}

/** One TXT record: a string, cut into character-strings of 255 octets if it is longer, or the list of its character-strings. */
export type TxtValue = string | readonly string[]

/** A running responder. Setting a record replaces those of the same name and type; names are without the final dot. */
export interface DnsServer {
  readonly address: string
  readonly port: number
  /** Questions received so far, over both transports. */
  readonly queries: number
  setTxt(name: string, values: readonly TxtValue[]): void
  setCname(name: string, target: string): void
  /** IPv4 and IPv6 addresses, as A and AAAA records. */
  setAddresses(name: string, addresses: readonly string[]): void
  removeAll(name: string): void
  close(): Promise<void>
}

const ttl = 5
const classicPayload = 512
const longestChain = 8

/**
 * Starts a small authoritative DNS responder on loopback: NXDOMAIN for names it does not know, NOERROR without records for names that
 * exist with other types or above other names (RFC 8020), CNAMEs followed inside its own data, truncation at 512 octets or at the
 * client's EDNS size. For demonstrations, tests and benchmarks; it knows no zones and no delegation.
 */
export async function startDnsServer(options: DnsServerOptions = {}): Promise<DnsServer> {
  const zone = new Zone()
  for (const [name, values] of Object.entries(options.txt ?? {})) zone.setTxt(name, values)
  let queries = 0
  const respond = (message: Buffer, limit: 'udp' | 'tcp'): Buffer | undefined => {
    const query = readQuery(message)
    if (query === undefined) return undefined
    queries += 1
    return writeResponse(zone, query, limit)
  }
  const address = options.address ?? '127.0.0.1'
  const { udp, tcp } = await bindBoth(address, options.port ?? 0)
  const connections = new Set<Socket>()
  serveUdp(udp, respond)
  serveTcp(tcp, connections, respond)
  return {
    address,
    port: udp.address().port,
    get queries() {
      return queries
    },
    setTxt: (name, values) => zone.setTxt(name, values),
    setCname: (name, target) => zone.set(name, 'CNAME', [{ type: 'CNAME', name, ttl, data: target }]),
    setAddresses: (name, addresses) => {
      zone.set(
        name,
        'A',
        addresses.filter((ip) => !isIPv6(ip)).map((data) => ({ type: 'A', name, ttl, data })),
      )
      zone.set(
        name,
        'AAAA',
        addresses.filter((ip) => isIPv6(ip)).map((data) => ({ type: 'AAAA', name, ttl, data })),
      )
    },
    removeAll: (name) => zone.removeAll(name),
    async close() {
      for (const connection of connections) connection.destroy()
      const closed = Promise.all([once(udp, 'close'), once(tcp, 'close')])
      udp.close()
      tcp.close()
      await closed
    },
  }
}

/** Records by name and type, and how many names lie at or below each name, so that names in between exist. */
class Zone {
  readonly #names = new Map<string, Map<string, readonly Answer[]>>()
  readonly #nodes = new Map<string, number>()

  setTxt(name: string, values: readonly TxtValue[]): void {
    this.set(
      name,
      'TXT',
      values.map((value) => ({ type: 'TXT', name, ttl, data: splitTxt(value) })),
    )
  }

  set(name: string, type: string, records: readonly Answer[]): void {
    const key = name.toLowerCase()
    const types = this.#names.get(key) ?? new Map<string, readonly Answer[]>()
    if (!this.#names.has(key)) this.#count(key, 1)
    this.#names.set(key, types)
    types.set(type, records)
  }

  removeAll(name: string): void {
    const key = name.toLowerCase()
    if (this.#names.delete(key)) this.#count(key, -1)
  }

  find(name: string, type: string): readonly Answer[] {
    return this.#names.get(name.toLowerCase())?.get(type) ?? []
  }

  exists(name: string): boolean {
    return this.#nodes.has(name.toLowerCase())
  }

  #count(key: string, by: 1 | -1): void {
    const labels = key.split('.')
    for (let i = 0; i < labels.length; i += 1) {
      const node = labels.slice(i).join('.')
      const count = (this.#nodes.get(node) ?? 0) + by
      if (count === 0) this.#nodes.delete(node)
      else this.#nodes.set(node, count)
    }
  }
}

function splitTxt(value: TxtValue): Buffer[] {
  if (typeof value !== 'string') return value.map((part) => Buffer.from(part))
  const octets = Buffer.from(value)
  const parts: Buffer[] = []
  for (let start = 0; start < octets.length; start += 255) parts.push(octets.subarray(start, start + 255))
  return parts.length > 0 ? parts : [Buffer.alloc(0)]
}

interface Query {
  readonly packet: DecodedPacket
  readonly question: Question
}

function readQuery(message: Buffer): Query | undefined {
  try {
    const packet = decode(message)
    const [question, ...others] = packet.questions ?? []
    return packet.flag_qr || question === undefined || others.length > 0 ? undefined : { packet, question }
  } catch {
    // Not DNS: a server keeps silent rather than answer noise.
    return undefined
  }
}

function writeResponse(zone: Zone, { packet, question }: Query, transport: 'udp' | 'tcp'): Buffer {
  const { rcode, answers } = answerQuestion(zone, question)
  const opt = (packet.additionals ?? []).find((record) => record.type === 'OPT')
  const echo: Packet = {
    type: 'response',
    id: packet.id ?? 0,
    flags: AUTHORITATIVE_ANSWER | ((packet.flags ?? 0) & recursionDesired) | rcode,
    questions: [question],
    additionals: opt === undefined ? [] : [{ ...opt, udpPayloadSize: 1232, extendedRcode: 0, options: [] }],
  }
  const whole = encode({ ...echo, answers })
  const limit = transport === 'tcp' ? 65_535 : Math.max(classicPayload, opt?.udpPayloadSize ?? 0)
  return whole.length <= limit ? whole : encode({ ...echo, flags: (echo.flags ?? 0) | TRUNCATED_RESPONSE })
}

const recursionDesired = 1 << 8
const noError = 0
const nxDomain = 3

function answerQuestion(zone: Zone, { name, type }: Question): { rcode: number; answers: Answer[] } {
  const answers: Answer[] = []
  let owner = name
  for (let hops = 0; hops <= longestChain; hops += 1) {
    // The owner is spelled as it was asked for, as a compressing server would do.
    const spelled = owner
    answers.push(...zone.find(owner, type).map((record) => ({ ...record, name: spelled })))
    const [alias] = type === 'CNAME' ? [] : zone.find(owner, 'CNAME')
    if (alias?.type !== 'CNAME') return { rcode: zone.exists(owner) ? noError : nxDomain, answers }
    answers.push({ ...alias, name: spelled })
    owner = alias.data
    // A target outside our data is for the resolver to ask about, not for us to deny.
    if (!zone.exists(owner)) return { rcode: noError, answers }
  }
  return { rcode: noError, answers }
}

async function bindBoth(address: string, port: number): Promise<{ udp: UdpSocket; tcp: Server }> {
  for (let triesLeft = 20; ; triesLeft -= 1) {
    const tcp = createServer()
    tcp.listen(port, address)
    await once(tcp, 'listening')
    const udp = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
    try {
      udp.bind(portOf(tcp), address)
      await once(udp, 'listening')
      return { udp, tcp }
    } catch (error) {
      udp.close()
      tcp.close()
      // A port chosen by the system for TCP may be taken for UDP; another one will do.
      if (port !== 0 || triesLeft === 0) throw error
    }
  }
}

function portOf(server: Server): number {
  const bound: AddressInfo | string | null = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('The server is not bound to an address.')
  return bound.port
}

type Respond = (message: Buffer, transport: 'udp' | 'tcp') => Buffer | undefined

function serveUdp(udp: UdpSocket, respond: Respond): void {
  udp.on('message', (message, peer) => {
    const response = respond(message, 'udp')
    if (response !== undefined) udp.send(response, peer.port, peer.address)
  })
  // A client that has gone away is no fault of the server.
  udp.on('error', () => undefined)
}

function serveTcp(tcp: Server, connections: Set<Socket>, respond: Respond): void {
  tcp.on('connection', (socket) => {
    connections.add(socket)
    let pending = Buffer.alloc(0)
    socket.setTimeout(10_000, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => connections.delete(socket))
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk])
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE()) {
        const end = 2 + pending.readUInt16BE()
        const response = respond(pending.subarray(2, end), 'tcp')
        pending = pending.subarray(end)
        if (response !== undefined) socket.write(Buffer.concat([lengthOf(response), response]))
      }
    })
  })
}

function lengthOf(message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return length
}
