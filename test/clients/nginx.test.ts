import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDnsServer } from '../../demo/dns-server.ts'
import { application, succeed } from '../emulator/call-service.ts'
import { startServiceProcess } from '../emulator/service-process.ts'
import { reportNotRun } from '../support/not-run.ts'
import { nginx, startNginx } from './nginx-server.ts'

describe('FILE orders with nginx', () => {
  it('are issued for the file over http, and over https with a certificate that nobody trusts', async (t) => {
    if (nginx === undefined) {
      reportNotRun('FILE orders with nginx', 'nginx is not installed')
      return t.skip()
    }
    await using web = await startNginx(nginx)
    await using dns = { ...(await startDnsServer()), [Symbol.asyncDispose]: () => dns.close() }
    const sites = ['plain.example.com', 'secure.example.com']
    for (const site of sites) dns.setAddresses(site, ['127.0.0.1'])
    await using service = await startServiceProcess({
      CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}`,
      CHANCERY_VALIDATION_HTTP_PORT: String(web.httpPort),
      CHANCERY_VALIDATION_HTTPS_PORT: String(web.httpsPort),
      CHANCERY_VALIDATION_ALLOW_CIDRS: '127.0.0.1/32',
    })
    const states = new Map<string, Record<string, unknown>>()
    for (const site of sites) {
      const { OrderId } = await succeed(service.http, 'CreateCertificateRequest', application(site, { ValidateType: 'FILE' }))
      const describeState = () => succeed(service.http, 'DescribeCertificateState', { OrderId: String(OrderId) })
      const asked = await describeState()
      assert.deepEqual([asked['Type'], asked['ValidateType'], asked['Domain']], ['domain_verify', 'FILE', site])
      web.putFile(site, String(asked['Uri']), `${String(asked['Content'])}\n`)
      for (const deadline = performance.now() + 60_000; states.get(site)?.['Type'] !== 'certificate'; await sleep(300)) {
        assert.ok(performance.now() < deadline, `${site} is ${JSON.stringify(states.get(site))}`)
        states.set(site, await describeState())
      }
      assert.ok(new X509Certificate(String(states.get(site)?.['Certificate'])).checkHost(site))
    }
    const log = web.accessLog()
    assert.match(log, /^http plain\.example\.com GET \/\.well-known\/pki-validation\/fileauth\.txt HTTP\/1\.1 200$/m)
    assert.match(log, /^https secure\.example\.com GET \/\.well-known\/pki-validation\/fileauth\.txt HTTP\/1\.1 200$/m)
    // Once https had proven, http was not asked.
    assert.doesNotMatch(log, /^http secure\.example\.com .* 200$/m)
    assert.equal(await service.stop(), 0)
  })
})
