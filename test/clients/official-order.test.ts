import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import Cas from '@alicloud/cas20200407'
import RPCClient from '@alicloud/pop-core'
import { createClient } from '../../demo/client.ts'
import { type DnsServer, startDnsServer } from '../../demo/dns-server.ts'
import { createTestData, type TestData, until } from '../support/service.ts'
import { type ServiceProcess, spawnService } from '../support/service-process.ts'
import { rootKey } from '../support/signed-call.ts'
import { runOpenssl } from '../x509/openssl.ts'

/** One official client, in the words of this test. */
interface Applicant {
  counters(): Promise<{ total: number; used: number; issued: number }>
  order(domain: string, tags: Readonly<Record<string, string>>): Promise<number>
  state(orderId: number): Promise<Readonly<Record<string, string | undefined>>>
}

const applicant = { username: 'An Applicant', phone: '13900001234', email: 'applicant@example.com' }
const productCode = 'digicert-free-1-free'

/** `@alicloud/cas20200407` as it is on npm. */
function casApplicant(endpoint: string): Applicant {
  const client = createClient({ endpoint, accessKeyId: rootKey.accessKeyId, accessKeySecret: rootKey.secret })
  return {
    async counters() {
      const { body } = await client.describePackageState(new Cas.DescribePackageStateRequest({ productCode }))
      return { total: Number(body?.totalCount), used: Number(body?.usedCount), issued: Number(body?.issuedCount) }
    },
    async order(domain, tags) {
      const pairs = Object.entries(tags).map(([key, value]) => new Cas.CreateCertificateRequestRequestTags({ key, value }))
      const request = new Cas.CreateCertificateRequestRequest({ ...applicant, productCode, domain, validateType: 'DNS', tags: pairs })
      const { body } = await client.createCertificateRequest(request)
      assert.match(body?.requestId ?? '', /^[0-9A-F-]{36}$/)
      return body?.orderId ?? assert.fail('no OrderId')
    },
    async state(orderId) {
      const { body } = await client.describeCertificateState(new Cas.DescribeCertificateStateRequest({ orderId }))
      // This version's model has no CertId; the other client shows the answer as it is.
      const { type, recordDomain, recordType, recordValue, certificate, privateKey } = body ?? {}
      return { type, recordDomain, recordType, recordValue, certificate, privateKey }
    },
  }
}

/** `@alicloud/pop-core` as it is on npm. */
function popApplicant(endpoint: string, method: 'GET' | 'POST'): Applicant {
  const { accessKeyId, secret: accessKeySecret } = rootKey
  const client = new RPCClient({ endpoint, apiVersion: '2020-04-07', accessKeyId, accessKeySecret })
  const call = async (action: string, parameters: object) => await client.request<Record<string, unknown>>(action, parameters, { method })
  return {
    async counters() {
      const { TotalCount, UsedCount, IssuedCount } = await call('DescribePackageState', { ProductCode: productCode })
      return { total: Number(TotalCount), used: Number(UsedCount), issued: Number(IssuedCount) }
    },
    async order(domain, tags) {
      const answer = await call('CreateCertificateRequest', {
        ProductCode: productCode,
        Domain: domain,
        ValidateType: 'DNS',
        Username: applicant.username,
        Phone: applicant.phone,
        Email: applicant.email,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      })
      assert.equal(typeof answer['OrderId'], 'number')
      return Number(answer['OrderId'])
    },
    async state(orderId) {
      const answer = await call('DescribeCertificateState', { OrderId: orderId })
      const text = (name: string) => (typeof answer[name] === 'string' ? answer[name] : undefined)
      return {
        type: text('Type'),
        recordDomain: text('RecordDomain'),
        recordType: text('RecordType'),
        recordValue: text('RecordValue'),
        certificate: text('Certificate'),
        privateKey: text('PrivateKey'),
        certId: text('CertId'),
      }
    },
  }
}

describe('orders by official clients, unmodified', () => {
  let data: TestData | undefined
  let dns: DnsServer | undefined
  let service: ServiceProcess | undefined
  before(async () => {
    data = await createTestData('sqlite')
    dns = await startDnsServer()
    service = await spawnService(data, { CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}` })
  })
  after(async () => {
    await service?.end()
    await dns?.close()
    data?.remove()
  })

  const clients: readonly (readonly [string, string, (endpoint: string) => Applicant])[] = [
    ['@alicloud/cas20200407', 'cas.example.com', casApplicant],
    ['@alicloud/pop-core by GET', 'get.example.com', (endpoint) => popApplicant(endpoint, 'GET')],
    ['@alicloud/pop-core by POST', 'post.example.com', (endpoint) => popApplicant(endpoint, 'POST')],
  ]
  for (const [name, domain, connect] of clients) {
    it(`${name} orders a certificate, proves its domain and downloads chain and key`, async () => {
      assert.ok(service !== undefined && dns !== undefined)
      const client = connect(service.endpoint)
      const before = await client.counters()
      const orderId = await client.order(domain, { purpose: 'a-test', empty: '' })
      const asked = await client.state(orderId)
      assert.deepEqual([asked['type'], asked['recordDomain'], asked['recordType']], ['domain_verify', `_dnsauth.${domain}`, 'TXT'])
      assert.match(asked['recordValue'] ?? '', /^[0-9a-z]{64}$/)
      dns.setTxt(`_dnsauth.${domain}`, [asked['recordValue'] ?? ''])
      const issued = await until('the certificate', async () => {
        const state = await client.state(orderId)
        return state['type'] === 'certificate' ? state : undefined
      })
      await assertVerifies(service, domain, issued)
      if (name !== '@alicloud/cas20200407') assert.match(issued['certId'] ?? '', /^[0-9]+$/)
      assert.deepEqual(await client.counters(), { total: before.total, used: before.used + 1, issued: before.issued + 1 })
    })
  }
})

async function assertVerifies(service: ServiceProcess, domain: string, issued: Awaited<ReturnType<Applicant['state']>>): Promise<void> {
  const { certificate = '', privateKey = '' } = issued
  const leaf = new X509Certificate(certificate)
  assert.equal(leaf.subjectAltName, `DNS:${domain}`)
  assert.ok(createPublicKey(createPrivateKey(privateKey)).equals(leaf.publicKey))
  assert.equal(leaf.publicKey.asymmetricKeyType, 'rsa')
  const files = { root: await (await fetch(`${service.endpoint}/ca/root.pem`)).text(), chain: certificate }
  const verified = await runOpenssl(['verify', '-x509_strict', '-CAfile', '@root', '-untrusted', '@chain', '@chain'], files)
  assert.match(verified, /chain: OK/)
}
