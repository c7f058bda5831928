import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { startDnsServer } from '../../demo/dns-server.ts'
import { application, itOnBothEngines, type TestService, until, withService } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'

const ProductCode = 'geotrust-dv-1-starter'
const record = '_dnsauth.www.example.com'
const target = 'www.proofs.example.net'
const DAY_MS = 86_400_000

interface Validation {
  readonly RecordDomain: string
  readonly RecordValue: string
  readonly PublishAt?: string
}

/** What an automation does that may write the target's zone alone: it asks where each value belongs, and puts it there. */
async function publish(service: TestService, dns: Awaited<ReturnType<typeof startDnsServer>>, OrderId: string): Promise<string> {
  const { Validations } = await service.succeed('CheckValidation', { OrderId }, extension)
  const [{ RecordDomain, RecordValue, PublishAt } = assert.fail('nothing is to be proven')] = Validations as Validation[]
  assert.deepEqual([RecordDomain, PublishAt], [record, target])
  const shown = await service.succeed('DescribeCertificateState', { OrderId })
  assert.deepEqual(shown['Validations'], Validations)
  const explained = await service.succeed('ExplainOrder', { OrderId }, extension)
  const [name] = explained['Names'] as Record<string, unknown>[]
  assert.deepEqual(name, {
    Name: 'www.example.com',
    Method: 'DNS',
    Value: RecordValue,
    RecordDomain: record,
    RecordHost: '_dnsauth.www',
    PublishAt: target,
  })
  dns.setTxt(target, [RecordValue])
  return RecordValue
}

async function issued(service: TestService, OrderId: string): Promise<Record<string, unknown>> {
  return await until('the certificate', async () => {
    const state = await service.succeed('DescribeCertificateState', { OrderId })
    return state['Type'] === 'certificate' ? state : undefined
  })
}

describe('the record of a proof, delegated by a CNAME', () => {
  itOnBothEngines('serves the order and its renewal without a further change of the zone itself', async (data) => {
    const dns = await startDnsServer()
    // What the owner of the zone does once. The target's zone belongs to whoever renews.
    dns.setCname(record, target)
    const clock = { now: Date.now() }
    try {
      await withService(
        data,
        async (service) => {
          await service.succeed('PurchasePackage', { ProductCode, Count: '2' }, extension)
          const ready = await service.succeed('CheckDomain', { Domain: 'www.example.com', ProductCode }, extension)
          assert.equal(ready['Ready'], true, JSON.stringify(ready))
          assert.match(JSON.stringify(ready['Findings']), /leads to www\.proofs\.example\.net, and the TXT record belongs there/)

          const placed = await service.succeed('CreateCertificateForPackageRequest', {
            ...application,
            ProductCode,
            KeyAlgorithm: 'ECC_256',
          })
          const first = String(placed['OrderId'])
          const firstValue = await publish(service, dns, first)
          clock.now += 10_000
          const certificate = await issued(service, first)

          clock.now += 180 * DAY_MS
          const renewal = await service.succeed('RenewCertificateOrderForPackageRequest', { OrderId: first, Submit: 'true' })
          const second = String(renewal['OrderId'])
          assert.notEqual(await publish(service, dns, second), firstValue)
          clock.now += 10_000
          const renewed = await issued(service, second)
          assert.notEqual(renewed['CertId'], certificate['CertId'])
          assert.equal(renewed['ResourceId'], certificate['ResourceId'])
          const { LastAttempt } = await service.succeed('CheckValidation', { OrderId: second }, extension)
          assert.match((LastAttempt as { Message: string }).Message, /through the CNAME to "www\.proofs\.example\.net"/)
        },
        { CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}` },
        { clock: () => clock.now },
      )
    } finally {
      await dns.close()
    }
  })
})
