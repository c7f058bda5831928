// The clients of the request benchmark, in a process of their own: signs everything first, then sends, so that the server's CPU time
// holds nothing of theirs.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type SignedCall, signAcs3, signRpcV1 } from './sign-call.ts'

/** What is to be sent. */
export interface LoadOrder {
  readonly port: number
  readonly kind: 'acs3' | 'rpcV1' | 'healthz'
  readonly requests: number
  readonly connections: number
  readonly accessKeyId: string
  readonly secret: string
}

let prepared: { order: LoadOrder; texts: Buffer[] } | undefined

process.on('message', (order: LoadOrder | 'go' | 'close') => {
  if (order === 'close') process.exit(0)
  if (order !== 'go') {
    prepared = { order, texts: Array.from({ length: order.requests }, () => Buffer.from(writeRequest(order))) }
    process.send?.('ready')
  } else if (prepared !== undefined) {
    sendAll(prepared.order, prepared.texts).then(
      (seconds) => process.send?.({ seconds }),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
})
process.send?.('started')

function writeRequest({ kind, port, accessKeyId, secret }: LoadOrder): string {
  const host = `127.0.0.1:${port}`
  if (kind === 'healthz') return `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`
  const sign: (call: Parameters<typeof signAcs3>[0]) => SignedCall = kind === 'acs3' ? signAcs3 : signRpcV1
  const input = { ProductCode: 'digicert-free-1-free' }
  const { path, headers } = sign({ host, accessKeyId, secret, version: '2020-04-07', action: 'DescribePackageState', input })
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}content-length: 0\r\n\r\n`
}

async function sendAll({ port, connections }: LoadOrder, texts: Buffer[]): Promise<number> {
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      await once(socket, 'connect')
      return socket
    }),
  )
  const started = performance.now()
  await Promise.all(sockets.map((socket) => sendOn(socket, texts)))
  return (performance.now() - started) / 1000
}

/** One request after the other on one connection; the next is taken from those that are left. */
function sendOn(socket: Socket, texts: Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const next = (): void => {
      const text = texts.pop()
      if (text === undefined) {
        socket.end()
        return resolve()
      }
      socket.write(text)
    }
    socket.setEncoding('latin1')
    socket.on('error', reject)
    socket.on('data', (chunk: string) => {
      answer += chunk
      const head = answer.indexOf('\r\n\r\n')
      const length = /content-length: (\d+)/i.exec(answer)?.[1]
      if (head === -1 || !isComplete(answer, head, length)) return
      if (!answer.startsWith('HTTP/1.1 200')) return reject(new Error(`a request was refused: ${answer.slice(0, 600)}`))
      answer = ''
      next()
    })
    next()
  })
}

function isComplete(answer: string, head: number, length: string | undefined): boolean {
  return length === undefined ? answer.endsWith('0\r\n\r\n') : answer.length >= head + 4 + Number(length)
}
