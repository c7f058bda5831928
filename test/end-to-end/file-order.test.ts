import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startDnsServer } from '../../demo/dns-server.ts'
import { application, itOnBothEngines, until, withService } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { assertTrustworthy, waitForCertificate } from './verify.ts'

interface Website {
  readonly port: number
  /** Answers by path. */
  readonly files: Map<string, string>
  /** `Host` and path of every request. */
  readonly asked: string[]
  close(): Promise<void>
}

async function startWebsite(): Promise<Website> {
  const files = new Map<string, string>()
  const asked: string[] = []
  const server = createServer((req, res) => {
    asked.push(`${req.headers.host?.split(':', 1)[0]} ${req.url}`)
    const file = files.get(req.url ?? '')
    res.writeHead(file === undefined ? 404 : 200, { 'Content-Type': 'text/plain' }).end(file)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    files,
    asked,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

describe('orders proven by a file', { concurrency: 2 }, () => {
  itOnBothEngines('an order proven by a file: refused address, no file, wrong content, then the right one', async (data) => {
    const dns = await startDnsServer()
    const website = await startWebsite()
    dns.setAddresses('www.example.com', ['127.0.0.1'])
    const env = {
      CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}`,
      CHANCERY_VALIDATION_HTTP_PORT: String(website.port),
      // Nobody listens there.
      CHANCERY_VALIDATION_HTTPS_PORT: '1',
    }
    try {
      const OrderId = await withService(
        data,
        async (service) => {
          const given = { ...application, ValidateType: 'FILE', KeyAlgorithm: 'ECC_256' }
          const id = String((await service.succeed('CreateCertificateRequest', given))['OrderId'])
          const { LastAttempt } = await service.succeed('CheckValidation', { OrderId: id }, extension)
          const { Message } = Object(LastAttempt) as Record<string, unknown>
          assert.match(String(Message), /127\.0\.0\.1.*CHANCERY_VALIDATION_ALLOW_CIDRS/)
          return id
        },
        env,
      )
      assert.deepEqual(website.asked, [], 'an address that is not allowed was contacted')

      await withService(
        data,
        async (service) => {
          const state = await service.succeed('DescribeCertificateState', { OrderId })
          const path = String(state['Uri'])
          const outcome = (wanted: RegExp) =>
            until(`an outcome like ${String(wanted)}`, async () => {
              const { LastAttempt } = await service.succeed('CheckValidation', { OrderId }, extension)
              const { Message } = Object(LastAttempt) as Record<string, unknown>
              return wanted.test(String(Message)) ? true : undefined
            })
          await outcome(/404/)
          website.files.set(path, 'not what was asked for')
          await outcome(/22 octets, no line of which is the expected value/)
          website.files.set(path, `${String(state['Content'])}\r\n`)
          await assertTrustworthy(service, await waitForCertificate(service, OrderId), ['www.example.com'])
          assert.deepEqual(new Set(website.asked), new Set([`www.example.com ${path}`]))
        },
        { ...env, CHANCERY_VALIDATION_ALLOW_CIDRS: '127.0.0.0/8' },
      )
    } finally {
      await website.close()
      await dns.close()
    }
  })
})
