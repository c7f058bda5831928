import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { before, it } from 'node:test'
import Cas from '@alicloud/cas20200407'
import OpenApi from '@alicloud/openapi-client'
import Cas1 from 'cas-1'
import { makeCsr } from '../../orders/make-csr.ts'
import { company } from '../../support/action-recipes.ts'
import { callGeneric, createCasClient } from '../../support/cas-client.ts'
import { describeService, type TestService, until } from '../../support/service.ts'
import { extension, rootKey } from '../../support/signed-call.ts'
import { generateTestKey } from '../../x509/keys.ts'

type Texts = Readonly<Record<string, string>>

/** The order family as one client has it: parameters in the client's spelling, answers as its models show them. */
interface Applicant {
  withCsr(input: Texts): Promise<number>
  forPackage(input: Texts): Promise<number>
  state(orderId: number): Promise<Readonly<Record<string, string | undefined>>>
  withdraw(orderId: number): Promise<unknown>
  remove(orderId: number): Promise<unknown>
  cancel(orderId: number): Promise<unknown>
  renew(input: { orderId: number; csr?: string; tags?: { key: string; value: string }[] }): Promise<number>
  counters(productCode: string): Promise<number[]>
}

const idOf = (body: { orderId?: number | undefined } | undefined): number => body?.orderId ?? assert.fail('no OrderId')
const countersOf = (body: { totalCount?: number; usedCount?: number; issuedCount?: number } | undefined) => [
  Number(body?.totalCount),
  Number(body?.usedCount),
  Number(body?.issuedCount),
]

const textsOf = (body: object | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(body ?? {}).filter((field): field is [string, string] => typeof field[1] === 'string'))

function newestClient(service: TestService): Applicant {
  const client = createCasClient(service)
  return {
    withCsr: async (input) =>
      idOf((await client.createCertificateWithCsrRequest(new Cas.CreateCertificateWithCsrRequestRequest(input))).body),
    forPackage: async (input) =>
      idOf((await client.createCertificateForPackageRequest(new Cas.CreateCertificateForPackageRequestRequest(input))).body),
    state: async (orderId) => textsOf((await client.describeCertificateState(new Cas.DescribeCertificateStateRequest({ orderId }))).body),
    withdraw: (orderId) => client.cancelOrderRequest(new Cas.CancelOrderRequestRequest({ orderId })),
    remove: (orderId) => client.deleteCertificateRequest(new Cas.DeleteCertificateRequestRequest({ orderId })),
    cancel: (orderId) => client.cancelCertificateForPackageRequest(new Cas.CancelCertificateForPackageRequestRequest({ orderId })),
    renew: async (input) =>
      idOf((await client.renewCertificateOrderForPackageRequest(new Cas.RenewCertificateOrderForPackageRequestRequest(input))).body),
    counters: async (productCode) =>
      countersOf((await client.describePackageState(new Cas.DescribePackageStateRequest({ productCode }))).body),
  }
}

function olderClient(service: TestService): Applicant {
  const endpoint = new URL(service.addresses.http ?? '').host
  const client = new Cas1.default(
    new OpenApi.Config({ endpoint, protocol: 'http', accessKeyId: rootKey.accessKeyId, accessKeySecret: rootKey.secret }),
  )
  return {
    withCsr: async (input) =>
      idOf((await client.createCertificateWithCsrRequest(new Cas1.CreateCertificateWithCsrRequestRequest(input))).body),
    forPackage: async (input) =>
      idOf((await client.createCertificateForPackageRequest(new Cas1.CreateCertificateForPackageRequestRequest(input))).body),
    state: async (orderId) => textsOf((await client.describeCertificateState(new Cas1.DescribeCertificateStateRequest({ orderId }))).body),
    withdraw: (orderId) => client.cancelOrderRequest(new Cas1.CancelOrderRequestRequest({ orderId })),
    remove: (orderId) => client.deleteCertificateRequest(new Cas1.DeleteCertificateRequestRequest({ orderId })),
    cancel: (orderId) => client.cancelCertificateForPackageRequest(new Cas1.CancelCertificateForPackageRequestRequest({ orderId })),
    // Its request has no tags.
    renew: async ({ orderId, csr }) =>
      idOf(
        (await client.renewCertificateOrderForPackageRequest(new Cas1.RenewCertificateOrderForPackageRequestRequest({ orderId, csr })))
          .body,
      ),
    counters: async (productCode) =>
      countersOf((await client.describePackageState(new Cas1.DescribePackageStateRequest({ productCode }))).body),
  }
}

const applicant = { username: 'An Applicant', phone: '13900001234', email: 'applicant@example.com' }
const paid = 'geotrust-dv-1-starter'
const organization = 'symantec-ov-1-personal'

/** The code of the error that a client throws. */
async function codeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
  return 'success'
}

const clients = { '@alicloud/cas20200407 3.0.0': newestClient, '@alicloud/cas20200407 1.3.0': olderClient }

for (const [name, connect] of Object.entries(clients)) {
  describeService(
    `the order family through ${name}`,
    (service) => {
      let client: Applicant
      before(async () => {
        client = connect(service())
        for (const ProductCode of [paid, organization]) {
          await service().succeed('PurchasePackage', { ProductCode, Count: '10' }, extension)
        }
        await service().succeed('CreateContact', { Name: 'The Contact', Mobile: '13800000000', Email: 'contact@example.com' })
        await service().succeed('CreateCompany', { ...company })
      })
      const proofs = (PassAfter: string) => service().succeed('SetProofs', { PassAfter }, extension)
      const reach = (orderId: number, type: string) =>
        until(type, async () => {
          const state = await client.state(orderId)
          return state['type'] === type ? state : undefined
        })

      it('CreateCertificateWithCsrRequest, CancelOrderRequest, DeleteCertificateRequest', async () => {
        await proofs('86400')
        const [total = 0, used = 0, issued] = await client.counters('digicert-free-1-free')
        const orderId = await client.withCsr({ ...applicant, csr: makeCsr('csr.example.com'), validateType: 'DNS' })
        const asked = await client.state(orderId)
        assert.deepEqual([asked['type'], asked['recordDomain'], asked['recordType']], ['domain_verify', '_dnsauth.csr.example.com', 'TXT'])
        assert.match(asked['recordValue'] ?? '', /^[0-9a-z]{64}$/)
        assert.equal(await codeOf(client.remove(orderId)), 'OrderStateError')
        await client.withdraw(orderId)
        assert.equal((await client.state(orderId))['type'], 'payed')
        assert.deepEqual(await client.counters('digicert-free-1-free'), [total, used + 1, issued])
        await client.remove(orderId)
        assert.equal(await codeOf(client.state(orderId)), 'NotFoundOrder')
        assert.deepEqual(await client.counters('digicert-free-1-free'), [total, used, issued])
      })

      it('a certificate for a CSR comes without a private key', async () => {
        await proofs('0')
        const key = generateTestKey('RSA-2048')
        const orderId = await client.withCsr({
          ...applicant,
          productCode: paid,
          csr: makeCsr('own.example.com', key),
          validateType: 'FILE',
        })
        const { certificate, privateKey } = await reach(orderId, 'certificate')
        assert.equal(privateKey, undefined)
        assert.ok(createPublicKey(key.privateKey).equals(new X509Certificate(certificate ?? '').publicKey))
        assert.equal(
          await codeOf(client.withCsr({ ...applicant, csr: makeCsr('other.example.com', key), validateType: 'DNS' })),
          'ParamRepeat',
        )
        assert.equal(await codeOf(client.withCsr({ ...applicant, csr: 'no CSR', validateType: 'DNS' })), 'InvalidParameter')
      })

      it('CreateCertificateForPackageRequest: five names, empty texts as absent, the contact by default; CancelCertificateForPackageRequest', async () => {
        await proofs('0')
        const [total = 0, used = 0, issued = 0] = await client.counters(paid)
        const names = [1, 2, 3, 4, 5].map((n) => `n${n}.example.com`)
        const empty = { csr: '', username: '', phone: '', email: '', companyName: '' }
        const orderId = await client.forPackage({ ...empty, productCode: paid, domain: names.join(',') })
        const { certificate, privateKey } = await reach(orderId, 'certificate')
        const leaf = new X509Certificate(certificate ?? '')
        assert.equal(leaf.subjectAltName, names.map((one) => `DNS:${one}`).join(', '))
        assert.ok(leaf.checkPrivateKey(createPrivateKey(privateKey ?? '')))
        const stored = await service().services.db.read.selectFrom('orders').selectAll().where('id', '=', orderId).executeTakeFirstOrThrow()
        assert.deepEqual(JSON.parse(stored.applicant), { username: 'The Contact', phone: '13800000000', email: 'contact@example.com' })
        assert.deepEqual(await client.counters(paid), [total, used + 1, issued + 1])
        await client.cancel(orderId)
        assert.deepEqual(await client.counters(paid), [total, used, issued + 1])
        assert.equal(await codeOf(client.cancel(orderId)), 'OrderStateError')
        const six = [...names, 'n6.example.com'].join(',')
        assert.equal(await codeOf(client.forPackage({ ...empty, productCode: paid, domain: six })), 'InvalidParameter')
        assert.equal(await codeOf(client.forPackage({ ...empty, productCode: paid })), 'MissingDomain')
      })

      it('an OV order names the latest company, waits for a person, and can be withdrawn and cancelled meanwhile', async () => {
        await proofs('0')
        const orderId = await client.forPackage({ productCode: organization, domain: 'ov.example.com', validateType: 'DNS' })
        await reach(orderId, 'process')
        const stored = await service().services.db.read.selectFrom('orders').selectAll().where('id', '=', orderId).executeTakeFirstOrThrow()
        assert.equal((JSON.parse(stored.organization ?? '{}') as { name?: string }).name, company.CompanyName)
        assert.equal(await codeOf(client.cancel(orderId)), 'OrderStateError')
        await client.withdraw(orderId)
        await client.cancel(orderId)
        assert.equal(await codeOf(client.state(orderId)), 'NotFoundOrder')
        assert.deepEqual(await client.counters(organization), [10, 0, 0])
        const unknown = { productCode: organization, domain: 'ov.example.com', companyName: 'Nobody Ltd' }
        assert.equal(await codeOf(client.forPackage(unknown)), 'InvalidParameter')
        const dvOnly = { ...applicant, productCode: organization, csr: makeCsr('ov.example.com'), validateType: 'DNS' }
        assert.equal(await codeOf(client.withCsr(dvOnly)), 'OperationDenied.ProductLevel')
      })

      it('RenewCertificateOrderForPackageRequest, SubmitOrder by the generic call, and the ResourceId that stays', async () => {
        await proofs('0')
        const orderId = await client.forPackage({ ...applicant, productCode: paid, domain: 'renewed.example.com' })
        const first = await reach(orderId, 'certificate')
        assert.equal(await codeOf(client.renew({ orderId })), 'OrderStateError')
        await service().succeed('MoveClock', { Seconds: String(180 * 86_400) }, extension)
        const renewal = await client.renew({ orderId, tags: [{ key: 'renewed', value: 'yes' }] })
        assert.equal((await client.state(renewal))['type'], 'payed')
        assert.equal(await codeOf(client.renew({ orderId })), 'OrderStateError')
        await service().succeed('SubmitOrder', { OrderId: String(renewal) }, extension)
        const second = await reach(renewal, 'certificate')
        assert.notEqual(second['certificate'], first['certificate'])
        const states = await Promise.all(
          [orderId, renewal].map((OrderId) => callGeneric(createCasClient(service()), 'DescribeCertificateState', { OrderId })),
        )
        assert.deepEqual(
          states.map(({ ResourceId }) => ResourceId),
          [`cas-cert-${orderId}`, `cas-cert-${orderId}`],
        )
        const atOnce = await callGeneric(createCasClient(service()), 'RenewCertificateOrderForPackageRequest', {
          OrderId: renewal,
          Submit: 'true',
        }).catch((error: unknown) => error)
        assert.equal((atOnce as { code?: string }).code, 'OrderStateError', 'the renewal itself is not about to expire')
      })
    },
    { env: { CHANCERY_EMULATOR: '1', CHANCERY_EMULATOR_PROOFS: '0' } },
  )
}
