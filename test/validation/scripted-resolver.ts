import { createSocket } from 'node:dgram'
import type { RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { createServer, isIPv6 } from 'node:net'
import type { Socket } from 'node:net'
import { decode, encode } from 'dns-packet'
import type { Answer, DecodedPacket, Packet } from 'dns-packet'

export interface Asked {
  readonly packet: DecodedPacket
  readonly octets: Buffer
  readonly transport: 'udp' | 'tcp'
  readonly peer: { readonly address: string; readonly port: number }
  /** Sends octets to the asker from the resolver's own socket. */
  send(message: Uint8Array): void
  /** TCP only: sends octets as they are, without a length. */
  sendRaw(octets: Uint8Array): void
  /** TCP only: closes the connection. */
  hangUp(): void
}

/** A resolver on loopback that does just what the script says, right or wrong. No script answer: a black hole. */
export async function startScriptedResolver(script: (asked: Asked) => void, address = '127.0.0.1') {
  const { udp, tcp, port } = await bindBoth(address)
  const asked: Asked[] = []
  const connections = new Set<Socket>()
  const hear = (question: Asked) => {
    asked.push(question)
    script(question)
  }
  udp.on('message', (octets, peer: RemoteInfo) => {
    const send = (message: Uint8Array) => udp.send(message, peer.port, peer.address)
    hear({ packet: decode(octets), octets, transport: 'udp', peer, send, sendRaw: send, hangUp: () => undefined })
  })
  tcp.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.once('data', (framed: Buffer) => {
      const octets = framed.subarray(2)
      const peer = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }
      const sendRaw = (raw: Uint8Array) => socket.write(raw)
      const send = (message: Uint8Array) => sendRaw(Buffer.concat([Buffer.from([message.length >> 8, message.length & 0xff]), message]))
      hear({ packet: decode(octets), octets, transport: 'tcp', peer, send, sendRaw, hangUp: () => socket.destroy() })
    })
  })
  return {
    resolver: { address, port },
    asked,
    connections,
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.destroy()
      const closed = Promise.all([once(udp, 'close'), once(tcp, 'close')])
      udp.close()
      tcp.close()
      await closed
    },
  }
}

/** The same free port for both transports: what is free for one may be taken for the other, so another one is tried then. */
async function bindBoth(address: string) {
  for (;;) {
    const udp = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
    const tcp = createServer()
    try {
      udp.bind(0, address)
      await once(udp, 'listening')
      const { port } = udp.address()
      tcp.listen(port, address)
      await once(tcp, 'listening')
      return { udp, tcp, port }
    } catch (error) {
      udp.close()
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
    }
  }
}

export interface ReplyOptions {
  readonly rcode?: number
  readonly answers?: readonly Answer[]
  readonly flags?: number
  readonly change?: Partial<Packet>
}

/** A well-formed reply to a question, unless `change` spoils it. */
export function replyTo(asked: Asked, { rcode = 0, answers = [], flags = 0, change = {} }: ReplyOptions = {}): Buffer {
  return encode({
    type: 'response',
    id: asked.packet.id ?? 0,
    flags: flags | rcode,
    questions: asked.packet.questions ?? [],
    answers: [...answers],
    ...change,
  })
}

export function txt(name: string, ...parts: string[]): Answer {
  return { type: 'TXT', name, ttl: 60, data: parts }
}

export function cname(name: string, target: string): Answer {
  return { type: 'CNAME', name, ttl: 60, data: target }
}
