import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { type DnsServer, startDnsServer } from '../../demo/dns-server.ts'
import { auditPlans } from '../../src/plans/audit-plans.ts'
import { listValidationAttempts } from '../../src/storage/orders.ts'
import { application, itOnBothEngines, itOnEngine, type TestData, type TestService, until, withService } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { assertTrustworthy, waitForCertificate } from './verify.ts'

async function withDns(data: TestData, use: (service: TestService, dns: DnsServer) => Promise<void>): Promise<void> {
  const dns = await startDnsServer()
  try {
    await withService(data, (service) => use(service, dns), { CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}` })
  } finally {
    await dns.close()
  }
}

interface PlacedOrder {
  readonly OrderId: string
  readonly recordDomain: string
  readonly recordValue: string
}

async function place(service: TestService, change: Readonly<Record<string, string>> = {}): Promise<PlacedOrder> {
  const OrderId = String((await service.succeed('CreateCertificateRequest', { ...application, ...change }))['OrderId'])
  const state = await service.succeed('DescribeCertificateState', { OrderId })
  return { OrderId, recordDomain: String(state['RecordDomain']), recordValue: String(state['RecordValue']) }
}

describe('orders proven by DNS', { concurrency: 8 }, () => {
  for (const [algorithm, kind, detail] of [
    ['RSA_2048', 'rsa', { modulusLength: 2048 }],
    ['ECC_256', 'ec', { namedCurve: 'prime256v1' }],
  ] as const) {
    itOnBothEngines(`an order proven by DNS gives a verifiable chain with a key of ${algorithm}`, async (data) => {
      await withDns(data, async (service, dns) => {
        const { OrderId, recordDomain, recordValue } = await place(service, { KeyAlgorithm: algorithm })
        dns.setTxt(recordDomain, [recordValue])
        const issued = await waitForCertificate(service, OrderId)
        await assertTrustworthy(service, issued, ['www.example.com'])
        assert.equal(issued.leaf.publicKey.asymmetricKeyType, kind)
        const details = issued.leaf.publicKey.asymmetricKeyDetails ?? {}
        assert.deepEqual({ ...details, ...detail }, details)
        const { RequestId: _, ...counters } = await service.succeed('DescribePackageState', {})
        assert.deepEqual(counters, { ProductCode: 'digicert-free-1-free', TotalCount: 20, UsedCount: 1, IssuedCount: 1 })
        const audit = await auditPlans(service.services.db.read)
        assert.deepEqual([audit.differences, audit.orders], [[], []])
      })
    })
  }

  itOnBothEngines('a wildcard is proven at the name below it, and only the wildcard is in the certificate', async (data) => {
    await withDns(data, async (service, dns) => {
      const ProductCode = 'geotrust-dv-w-starter'
      await service.succeed('PurchasePackage', { ProductCode, Count: '1' }, extension)
      const { OrderId, recordDomain, recordValue } = await place(service, { ProductCode, Domain: '*.example.com', KeyAlgorithm: 'ECC_256' })
      assert.equal(recordDomain, '_dnsauth.example.com')
      dns.setTxt(recordDomain, [recordValue])
      await assertTrustworthy(service, await waitForCertificate(service, OrderId), ['*.example.com'])
    })
  })

  itOnBothEngines('a CNAME at _dnsauth delegates the proof to another zone, and the evidence says so', async (data) => {
    await withDns(data, async (service, dns) => {
      const { OrderId, recordDomain, recordValue } = await place(service, { KeyAlgorithm: 'ECC_256' })
      dns.setCname(recordDomain, 'example-com.proofs.example.net')
      dns.setTxt('example-com.proofs.example.net', ['something of another service', recordValue])
      await assertTrustworthy(service, await waitForCertificate(service, OrderId), ['www.example.com'])
      const [attempt] = await listValidationAttempts(service.services.db.read, Number(OrderId), 1)
      assert.equal(attempt?.outcome, 'proven')
      assert.match(attempt.message, /example-com\.proofs\.example\.net/)
      const evidence = JSON.stringify(JSON.parse(attempt.evidence))
      assert.match(evidence, /example-com\.proofs\.example\.net/)
      assert.match(evidence, /NOERROR/)
    })
  })

  itOnBothEngines('CheckValidation tells what was wrong: no name, no record, another value; the right one then issues', async (data) => {
    await withDns(data, async (service, dns) => {
      const { OrderId, recordDomain, recordValue } = await place(service, { KeyAlgorithm: 'ECC_256' })
      const outcome = (wanted: string) =>
        until(`the outcome ${wanted}`, async () => {
          const { LastAttempt, Type } = await service.succeed('CheckValidation', { OrderId }, extension)
          assert.equal(Type, 'domain_verify')
          const { Outcome, Message } = Object(LastAttempt) as Record<string, unknown>
          return Outcome === wanted ? String(Message) : undefined
        })
      assert.match(await outcome('nxdomain'), /_dnsauth\.www\.example\.com.*does not exist \(NXDOMAIN\)/)
      dns.setAddresses(recordDomain, ['192.0.2.1'])
      assert.match(await outcome('noRecord'), /no TXT record/)
      dns.setTxt(recordDomain, [`${recordValue}x`, 'a value of yesterday'])
      const seen = await outcome('wrongValue')
      assert.match(seen, /a value of yesterday/)
      assert.ok(seen.includes(recordValue.slice(0, 20)), 'the value that is nearly right is shown')
      dns.setTxt(recordDomain, ['a value of yesterday', recordValue])
      await assertTrustworthy(service, await waitForCertificate(service, OrderId), ['www.example.com'])
    })
  })

  itOnBothEngines('an order is issued by the runner when nobody asks any more', async (data) => {
    await withDns(data, async (service, dns) => {
      const { OrderId, recordDomain, recordValue } = await place(service, { KeyAlgorithm: 'ECC_256' })
      dns.setTxt(recordDomain, [recordValue])
      await until('the order to be issued', async () => {
        const order = await service.services.db.read
          .selectFrom('orders')
          .select('state')
          .where('id', '=', Number(OrderId))
          .executeTakeFirst()
        return order?.state === 'issued' ? order : undefined
      })
      await assertTrustworthy(service, await waitForCertificate(service, OrderId), ['www.example.com'])
    })
  })

  itOnEngine('sqlite', 'a value cut into two character-strings is the same value, and many records come over TCP', async (data) => {
    await withDns(data, async (service, dns) => {
      const { OrderId, recordDomain, recordValue } = await place(service, { KeyAlgorithm: 'ECC_256' })
      const others = Array.from({ length: 63 }, (_, i) => `another value of another order ${i} ${'x'.repeat(40)}`)
      dns.setTxt(recordDomain, [...others, [recordValue.slice(0, 10), recordValue.slice(10)]])
      await assertTrustworthy(service, await waitForCertificate(service, OrderId), ['www.example.com'])
      const [attempt] = await listValidationAttempts(service.services.db.read, Number(OrderId), 1)
      assert.match(attempt?.evidence ?? '', /"tcp"/)
    })
  })
})
