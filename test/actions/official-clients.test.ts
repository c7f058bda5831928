import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import Cas from '@alicloud/cas20200407'
import OpenApi from '@alicloud/openapi-client'
import { RuntimeOptions } from '@darabonba/typescript'
import Cas1 from 'cas-1'
import { makeAuthority, makeKey } from '../certificates/make-certificates.ts'
import { csr as asked } from '../support/action-recipes.ts'
import { callGeneric, createCasClient } from '../support/cas-client.ts'
import { application, describeService, type TestService } from '../support/service.ts'
import { casVersion, extension, extensionVersion, rootKey } from '../support/signed-call.ts'
import { runOpenssl } from '../x509/openssl.ts'

type Input = Readonly<Record<string, string | number>>
type Answer = Readonly<Record<string, unknown>>

/** One version of the official client. */
interface Sdk {
  /** Calls an operation by its own method. Only what the client's models know of the answer is left, under its wire names. */
  method(operation: string, input: Input): Promise<Answer>
  generic(action: string, input: Readonly<Record<string, string>>, version?: string): Promise<Answer>
}

/** A method takes a model that is called after it, and answers one. */
async function callMethod(client: object, models: object, operation: string, input: Input): Promise<Answer> {
  // The clients have one class and one method for each operation, by name: their types cannot be told from a text.
  const Request = Reflect.get(models, `${operation}Request`) as new (input: Input) => object
  const name = operation.charAt(0).toLowerCase() + operation.slice(1)
  const method = Reflect.get(client, name) as (request: object) => Promise<{ body: { toMap(): Answer } }>
  const { body } = await method.call(client, new Request(input))
  return body.toMap()
}

function connectNewest(service: TestService): Sdk {
  const client = createCasClient(service)
  return {
    method: (operation, input) => callMethod(client, Cas, operation, input),
    generic: (action, input, version) => callGeneric(client, action, input, version),
  }
}

function connectOlder(service: TestService): Sdk {
  const { accessKeyId, secret: accessKeySecret } = rootKey
  const endpoint = new URL(service.addresses.http ?? '').host
  const client = new Cas1.default(new OpenApi.Config({ endpoint, protocol: 'http', accessKeyId, accessKeySecret }))
  return {
    method: (operation, input) => callMethod(client, Cas1, operation, input),
    async generic(action, query, version = casVersion) {
      const call = {
        protocol: 'HTTP',
        pathname: '/',
        method: 'POST',
        authType: 'AK',
        style: 'RPC',
        reqBodyType: 'formData',
        bodyType: 'json',
      }
      const params = new OpenApi.Params({ action, version, ...call })
      const { body } = await client.callApi(params, new OpenApi.OpenApiRequest({ query }), new RuntimeOptions({}))
      // The generic call is typed as any object.
      return body as Answer
    },
  }
}

const listOf = (answer: Answer, name: string): readonly Answer[] => answer[name] as readonly Answer[]
const clients = { '@alicloud/cas20200407 3.0.0': connectNewest, '@alicloud/cas20200407 1.3.0': connectOlder }

for (const [name, connect] of Object.entries(clients)) {
  describeService(
    `everything around orders through ${name}`,
    (service) => {
      let sdk: Sdk
      before(async () => {
        sdk = connect(service())
        await service().succeed('PurchasePackage', { ProductCode: application.ProductCode, Count: '10' }, extension)
      })

      it('CreateCsr, UploadCsr, ListCsr, GetCsrDetail, UpdateCsr, DeleteCsr', async () => {
        const { Algorithm: algorithm, KeySize, CommonName: commonName, CountryCode: countryCode, Province, Locality } = asked
        const made = await sdk.method('CreateCsr', {
          algorithm,
          keySize: Number(KeySize),
          commonName,
          countryCode,
          province: Province,
          locality: Locality,
          name: 'made-here',
        })
        const csrId = Number(made['CsrId'])
        const key = await makeKey('ec')
        const csr = await runOpenssl(['req', '-new', '-key', '@key', '-subj', '/CN=own.example.com'], { key })
        const uploaded = await sdk.method('UploadCsr', { csr, name: 'brought-along' })
        const list = await sdk.method('ListCsr', { algorithm: 'ECC', currentPage: 1, showSize: 5 })
        assert.deepEqual([list['TotalCount'], list['CurrentPage'], list['ShowSize']], [2, 1, 5])
        assert.deepEqual(
          listOf(list, 'CsrList').map((one) => [one['CsrId'], one['Name'], one['CommonName'], one['KeySize'], one['HasPrivateKey']]),
          [
            [uploaded['CsrId'], 'brought-along', 'own.example.com', 256, false],
            [csrId, 'made-here', 'www.example.com', 256, true],
          ],
        )
        assert.equal((await sdk.method('GetCsrDetail', { csrId }))['Csr'], made['Csr'])
        assert.match(String((await sdk.generic('GetCsrDetail', { CsrId: String(csrId) }))['PrivateKey']), /^-----BEGIN EC PRIVATE KEY-----/)
        await sdk.method('UpdateCsr', { csrId: Number(uploaded['CsrId']), key })
        const [latest] = listOf(await sdk.method('ListCsr', { keyWord: 'brought' }), 'CsrList')
        assert.equal(latest?.['HasPrivateKey'], true)
        await sdk.method('DeleteCsr', { csrId })
        assert.equal((await sdk.method('ListCsr', {}))['TotalCount'], 1)
      })

      it('ListContact, ListCert, ListCertificates, MoveResourceGroup', async () => {
        const { ContactId } = await sdk.generic('CreateContact', { Name: 'Ada', Mobile: '13900001234', Email: 'ada@example.com' })
        const contacts = await sdk.method('ListContact', { keyword: 'ada', showSize: 5 })
        assert.deepEqual([contacts['TotalCount'], contacts['ShowSize'], contacts['Keyword']], [1, 5, 'ada'])
        assert.deepEqual(
          listOf(contacts, 'ContactList').map((one) => [one['ContactId'], one['Name'], one['Mobile'], one['Email'], one['EmailStatus']]),
          [[ContactId, 'Ada', '13900001234', 'ada@example.com', 0]],
        )

        const { cert, key } = await makeAuthority('uploaded.example.com')
        const { CertId } = await sdk.method('UploadUserCertificate', { name: 'an upload', cert, key })
        // Ours, and in no model of theirs.
        const ResourceId = `cas-upload-${String(CertId)}`
        const stored = await sdk.method('ListCert', { keyWord: 'uploaded.', status: 'ISSUE', sourceType: 'upload' })
        assert.equal(stored['TotalCount'], 1)
        const [shown] = listOf(stored, 'CertList')
        assert.deepEqual(
          [shown?.['Identifier'], shown?.['CommonName'], shown?.['Status'], shown?.['CertType'], shown?.['ExistPrivateKey']],
          [`${String(CertId)}-cn-hangzhou`, 'uploaded.example.com', 'ISSUE', 'CERT', true],
        )
        const certificates = await sdk.generic('ListCertificates', { CertificateSource: 'UPLOAD', ShowSize: '5' })
        assert.equal(certificates['TotalCount'], 1)
        const [listed] = listOf(certificates, 'CertificateList')
        assert.deepEqual(
          [
            listed?.['CertificateId'],
            listed?.['CertificateName'],
            listed?.['CertificateStatus'],
            listed?.['KeySize'],
            listed?.['InstanceId'],
          ],
          [String(CertId), 'an upload', 'issued', 256, ResourceId],
        )

        const group = { resourceId: ResourceId, resourceGroupId: 'rg-moved', resourceType: 'Certificate', regionId: 'cn-hangzhou' }
        await sdk.method('MoveResourceGroup', group)
        const found = await sdk.method('ListUserCertificateOrder', { orderType: 'UPLOAD', resourceGroupId: 'rg-moved' })
        assert.deepEqual(
          listOf(found, 'CertificateOrderList').map((one) => [one['CertificateId'], one['ResourceGroupId']]),
          [[CertId, 'rg-moved']],
        )
      })

      it('our own operations by the generic call: CheckDomain, ListOrders, CheckValidation, ExplainOrder, SubmitOrder', async () => {
        const own = (action: string, input: Readonly<Record<string, string>> = {}) => sdk.generic(action, input, extensionVersion)
        const findings = listOf(await own('CheckDomain', { Domain: 'www.example.com' }), 'Findings')
        assert.deepEqual(
          findings.map(({ About }) => About),
          ['name', 'quota', 'proof'],
        )
        const OrderId = String((await service().succeed('CreateCertificateRequest', application))['OrderId'])
        const [newest] = listOf(await own('ListOrders', { MaxResults: '1' }), 'Orders')
        assert.deepEqual([newest?.['OrderId'], newest?.['Domain'], newest?.['State']], [Number(OrderId), 'www.example.com', 'validating'])
        const checked = await own('CheckValidation', { OrderId })
        assert.deepEqual([checked['Type'], checked['Proven']], ['domain_verify', false])
        const { Advice, Names } = await own('ExplainOrder', { OrderId })
        assert.match(String(Advice), /_dnsauth\.www\.example\.com/)
        assert.equal((Names as readonly Answer[]).length, 1)

        await sdk.method('CancelOrderRequest', { orderId: Number(OrderId) })
        assert.equal((await sdk.method('DescribeCertificateState', { orderId: Number(OrderId) }))['Type'], 'payed')
        await own('SubmitOrder', { OrderId })
        assert.equal((await sdk.method('DescribeCertificateState', { orderId: Number(OrderId) }))['Type'], 'domain_verify')
      })
    },
    { env: { CHANCERY_EMULATOR: '1', CHANCERY_EMULATOR_PROOFS: '86400' } },
  )
}
