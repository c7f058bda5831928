// Looks at proofs on loopback and prints CPU microseconds of this process a look: `node bench/proof-cost.ts [looks]`. What answers runs in a
// process of its own.
import { fork } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { startDnsServer } from '../demo/dns-server.ts'
import { createAlpnCertificate } from '../test/validation/alpn-certificates.ts'
import { type ChallengeProof, openDomainControl } from '../src/validation/domain-control.ts'
import { createDnsClient } from '../src/validation/net/dns-client.ts'

const NAME = 'www.example.com'
const TOKEN = 'x'.repeat(43)
const KEY_AUTHORIZATION = `${TOKEN}.${'y'.repeat(43)}`
const WORKERS = 8
const WARM_UP = 500

interface Ports {
  readonly dns: number
  readonly http: number
  readonly tls: number
}

if (process.send === undefined) await measure(Number(process.argv[2] ?? 3_000))
else process.send(await answer())

async function answer(): Promise<Ports> {
  const digest = createHash('sha256').update(KEY_AUTHORIZATION).digest()
  const dns = await startDnsServer({ txt: { [`_acme-challenge.${NAME}`]: [digest.toString('base64url')] } })
  dns.setAddresses(NAME, ['127.0.0.1'])
  const http = createHttpServer((_, response) => void response.end(KEY_AUTHORIZATION))
  const tls = createTlsServer({ ...createAlpnCertificate({ names: [{ dns: NAME }], digest }), ALPNProtocols: ['acme-tls/1'] })
  // Whoever looks hangs up without a word.
  tls.on('tlsClientError', () => undefined)
  tls.on('secureConnection', (socket) => socket.on('error', () => undefined))
  return { dns: dns.port, http: await listen(http), tls: await listen(tls) }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function measure(looks: number): Promise<void> {
  const child = fork(import.meta.filename)
  try {
    const [ports] = (await once(child, 'message')) as [Ports]
    const client = createDnsClient({ resolvers: [{ address: '127.0.0.1', port: ports.dns }], timeoutMs: 2_000, tries: 1, randomBytes })
    const web = { httpPort: ports.http, tlsAlpnPort: ports.tls, allowed: { contains: (address: string) => address === '127.0.0.1' } }
    const control = openDomainControl({ client, web, limits: { perTarget: WORKERS } })
    const never = new AbortController().signal
    for (const method of ['http-01', 'dns-01', 'tls-alpn-01'] as const) {
      const proof: ChallengeProof = { method, identifier: NAME, token: TOKEN, keyAuthorization: KEY_AUTHORIZATION, accountId: 1 }
      const look = async (): Promise<void> => {
        const attempt = await control.check(proof, never)
        if (!attempt.proven) throw new Error(attempt.message)
      }
      await inParallel(WARM_UP, look)
      const [before, started] = [process.cpuUsage(), performance.now()]
      await inParallel(looks, look)
      const { user, system } = process.cpuUsage(before)
      const perSecond = Math.round((looks / (performance.now() - started)) * 1_000)
      const us = (total: number): string => `${Math.round(total / looks)} µs`
      process.stdout.write(`${method.padEnd(12)} CPU ${us(user + system)} (user ${us(user)}, system ${us(system)}), ${perSecond} looks/s\n`)
    }
  } finally {
    child.kill()
  }
}

async function inParallel(count: number, run: () => Promise<void>): Promise<void> {
  let left = count
  const work = async (): Promise<void> => {
    while (left-- > 0) await run()
  }
  await Promise.all(Array.from({ length: WORKERS }, work))
}
