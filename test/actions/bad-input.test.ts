import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { application, describeService } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { countStored } from '../support/stored.ts'
import { badCompanies } from './bad-companies.ts'
import { badLists } from './bad-lists.ts'
import { type BadInput, badOrders } from './bad-orders.ts'
import { badExtensionCalls } from './bad-extension-calls.ts'
import { badFurtherCalls } from './bad-further-calls.ts'
import { badPlacing } from './bad-placing.ts'
import { badReadsAndPurchases } from './bad-reads-and-purchases.ts'
import { badUploads, goodUpload, takenName } from './bad-uploads.ts'

/** Calls that are taken as they are; every case changes one of them in one respect. */
const goodCalls: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  CreateCertificateRequest: application,
  DescribeCertificateState: { OrderId: '1' },
  DescribePackageState: { ProductCode: 'digicert-free-1-free' },
  PurchasePackage: { ProductCode: 'digicert-free-1-free', Count: '1' },
  CheckValidation: { OrderId: '1' },
  UploadUserCertificate: goodUpload,
}

const cases: readonly BadInput[] = [
  ...badOrders,
  ...badPlacing,
  ...badUploads,
  ...badCompanies,
  ...badReadsAndPurchases,
  ...badFurtherCalls,
  ...badExtensionCalls,
  ...badLists,
]

it('the tables of bad input hold 200 calls or more, none twice', () => {
  assert.ok(cases.length >= 200, `${cases.length}`)
  assert.equal(new Set(cases.map(({ action, title }) => `${action} ${title}`)).size, cases.length)
})

describeService(
  'bad input',
  (service) => {
    before(() => service().succeed('UploadUserCertificate', { ...goodUpload, Name: takenName }))

    for (const bad of cases) {
      it(`${bad.action} refuses ${bad.title} with ${bad.code}, and stores nothing`, async () => {
        const before = await countStored(service())
        const answer = await service().call(bad.action, parametersOf(bad), bad.extension && extension)
        assert.deepEqual({ status: answer.status, code: answer.body['Code'] }, { status: bad.status, code: bad.code }, answer.text)
        for (const word of bad.says) assert.ok(String(answer.body['Message']).includes(word), `${answer.text} does not say ${word}`)
        assert.match(String(answer.body['RequestId']), /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/)
        assert.equal(answer.headers['x-acs-request-id'], answer.body['RequestId'])
        assert.deepEqual(await countStored(service()), before)
      })
    }

    it('the call that the bad applications differ from is taken, and is seen by what is counted', async () => {
      const before = await countStored(service())
      await service().succeed('CreateCertificateRequest', { ...application, ClientToken: 'the-good-one', 'Tags.1.Key': 'k' })
      const after = await countStored(service())
      const grown = Object.keys(after).filter((name) => after[name] === (before[name] ?? 0) + 1)
      const touched = ['ledger_entries', 'instances', 'orders', 'authorizations', 'order_authorizations', 'tags', 'client_tokens', 'events']
      assert.deepEqual(grown, [...touched, 'units_used'])
    })

    it('the purchase that the bad ones differ from is taken', async () => {
      const before = await countStored(service())
      await service().succeed('PurchasePackage', goodCalls['PurchasePackage'] ?? {}, extension)
      const after = await countStored(service())
      assert.equal(after['units_bought'], (before['units_bought'] ?? 0) + 1)
    })

    it('the upload that the bad ones differ from is taken', async () => {
      const before = await countStored(service())
      await service().succeed('UploadUserCertificate', goodUpload)
      const after = await countStored(service())
      assert.equal(after['uploaded_certificates'], (before['uploaded_certificates'] ?? 0) + 1)
    })

    it('an application is refused with NotRemainCount when the plan has nothing left', async () => {
      const ProductCode = 'geotrust-dv-1-starter'
      await service().succeed('PurchasePackage', { ProductCode, Count: '1' }, extension)
      await service().succeed('CreateCertificateRequest', { ...application, ProductCode })
      const before = await countStored(service())
      const { status, body } = await service().call('CreateCertificateRequest', { ...application, ProductCode })
      assert.deepEqual({ status, code: body['Code'] }, { status: 404, code: 'NotRemainCount' })
      assert.match(String(body['Message']), /geotrust-dv-1-starter/)
      const after = await countStored(service())
      // The runner looks at the order that was placed.
      assert.deepEqual({ ...after, validation_attempts: 0 }, { ...before, validation_attempts: 0 })
    })
  },
  {
    // The lists of the original have the least rates, and these calls come as fast as they can.
    env: { CHANCERY_CALL_RATES: 'ListUserCertificateOrder=1000,ListCert=1000' },
  },
)

function parametersOf({ action, change }: BadInput): Record<string, string> {
  const all = { ...goodCalls[action], ...change }
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])))
}
