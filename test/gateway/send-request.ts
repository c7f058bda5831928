import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import type { WireRequest } from './load-vectors.ts'

export interface WireAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Sends a request with target, header values and body as they are, and nothing added but a length where none is told. */
export async function sendRequest(port: number, wire: WireRequest): Promise<WireAnswer> {
  const body = Buffer.from(wire.bodyBase64, 'base64')
  const headers = wire.headers.filter(([name]) => name.toLowerCase() !== 'connection')
  if (!headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name))) headers.push(['Content-Length', String(body.length)])
  return await new Promise<WireAnswer>((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, method: wire.method, path: wire.target, headers: headers.flat(), agent: false },
      (res) => {
        let text = ''
        res.setEncoding('utf8')
        res.on('data', (chunk: string) => (text += chunk))
        res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text }))
        res.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Sends octets as they are and returns everything that came back until the other side ended the connection. */
export async function sendOctets(port: number, octets: string | Uint8Array): Promise<string> {
  return await new Promise<string>((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(octets))
    socket.setEncoding('utf8')
    socket.on('data', (chunk: Buffer | string) => (text += String(chunk)))
    socket.on('end', () => socket.end())
    socket.on('close', () => resolve(text))
    socket.on('error', (error) => (text === '' ? reject(error) : resolve(text)))
  })
}
