import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import CasThree from '@alicloud/cas20200407'
import OpenApi from '@alicloud/openapi-client'
import CasOne from 'cas-1'
import { uploadCertificate } from '../../../src/certificates/upload-certificate.ts'
import { Problem } from '../../../src/problem.ts'
import { makeAuthority } from '../../certificates/make-certificates.ts'
import { dayMs, onBothEngines, place, type TestServices, writeDirectly } from '../../orders/open-test-services.ts'
import { createCasClient } from '../../support/cas-client.ts'
import { contextOf } from '../../support/context.ts'
import { application, describeService } from '../../support/service.ts'
import { extension, rootKey } from '../../support/signed-call.ts'
import { buyPlenty, issue, type Item, listOrdersPage, orderIds } from './call-list.ts'

const paid = { productCode: 'geotrust-dv-1-starter' } as const

async function upload(test: TestServices, name: string, resourceGroup?: string): Promise<number> {
  const { cert, key } = await makeAuthority('uploaded.example.com')
  const { certId } = await uploadCertificate(test.services, {
    context: contextOf(test.caller),
    name,
    texts: { cert, key, signCert: undefined, signPrivateKey: undefined, encryptCert: undefined, encryptPrivateKey: undefined },
    resourceGroup,
    tags: [],
    clientToken: undefined,
  })
  return certId
}

const onlyItem = ({ items }: { items: readonly Item[] }): Item =>
  (items.length === 1 ? items[0] : undefined) ?? assert.fail(JSON.stringify(items))

describe('ListUserCertificateOrder', () => {
  onBothEngines('shows an order with the fields of CPACK, before and after its certificate', async (test) => {
    await buyPlenty(test)
    const open = await place(test, { ...paid, domain: 'www.example.com', keyAlgorithm: 'ECC_256' })
    const shown = {
      OrderId: open.id,
      InstanceId: `cas-ivauto-${open.instance_id}`,
      ResourceId: `cas-cert-${open.id}`,
      AliyunOrderId: onlyItem(await listOrdersPage(test, { OrderType: 'BUY', Keyword: 'geotrust' }))['AliyunOrderId'],
      ProductCode: 'geotrust-dv-1-starter',
      ProductName: 'GeoTrust DV single name',
      CertType: 'DV',
      RootBrand: 'DigiCert',
      DomainType: 'ONE',
      Domain: 'www.example.com',
      DomainCount: 1,
      WildDomainCount: 0,
      Algorithm: 'ECC',
      SourceType: 'cpack',
      TrusteeStatus: 'unTrustee',
      BuyDate: test.clock.now,
    }
    assert.deepEqual(onlyItem(await listOrdersPage(test)), { ...shown, Status: 'CHECKING' })
    await issue(test, { domain: 'free.example.com' })
    const { items } = await listOrdersPage(test, { Status: 'ISSUED' })
    const { CertStartTime, CertEndTime, CertType } = onlyItem({ items })
    assert.equal(CertType, 'FREE')
    const certificate = await test.services.db.read
      .selectFrom('certificates')
      .select(['not_before', 'not_after'])
      .where('order_id', 'is not', null)
      .executeTakeFirstOrThrow()
    assert.deepEqual([CertStartTime, CertEndTime], [certificate.not_before, certificate.not_after])
  })

  onBothEngines('tells single names, wildcards and several of them apart', async (test) => {
    await buyPlenty(test)
    await place(test, { ...paid, names: 'several', domain: 'a.example.com,b.example.com' })
    const { DomainType, Domain, DomainCount, WildDomainCount } = onlyItem(await listOrdersPage(test))
    assert.deepEqual([DomainType, Domain, DomainCount, WildDomainCount], ['MULTIPLE', 'a.example.com,b.example.com', 2, 0])
  })

  onBothEngines('finds the orders of each status, and those that time changes by the clock', async (test) => {
    await buyPlenty(test)
    const issued = await issue(test, { domain: 'issued.example.com' })
    const revoked = await issue(test, { domain: 'revoked.example.com' })
    const words = {
      validating: 'CHECKING',
      reviewing: 'CHECKING',
      failed: 'CHECKED_FAIL',
      withdrawn: 'PAYED',
      draft: 'PAYED',
      deleted: undefined,
    } as const
    const expected = new Map<string, number[]>([
      ['REVOKED', [revoked.id]],
      ['ISSUED', [issued.id]],
    ])
    await writeDirectly(test, `update orders set state = 'revoked' where id = ${revoked.id}`)
    for (const [state, word] of Object.entries(words)) {
      const { id } = await place(test, { domain: `${state}.example.com` })
      await writeDirectly(test, `update orders set state = '${state}', run_at = null where id = ${id}`)
      if (word !== undefined) expected.set(word, [id, ...(expected.get(word) ?? [])])
    }
    for (const status of ['PAYED', 'CHECKING', 'CHECKED_FAIL', 'ISSUED', 'WILLEXPIRED', 'EXPIRED', 'NOTACTIVATED', 'REVOKED']) {
      const { items, total } = await listOrdersPage(test, { Status: status })
      assert.deepEqual(
        items.map(({ OrderId }) => OrderId),
        expected.get(status) ?? [],
        status,
      )
      assert.equal(total, items.length)
      for (const { Status } of items) assert.equal(Status, status)
    }
    for (const OrderType of ['CPACK', 'BUY']) {
      assert.equal((await listOrdersPage(test, { OrderType, Status: 'NOTACTIVATED' })).total, 0, OrderType)
    }
    assert.equal((await listOrdersPage(test)).total, 7)
    const { not_after: end } = await test.services.db.read
      .selectFrom('certificates')
      .select('not_after')
      .where('order_id', '=', issued.id)
      .executeTakeFirstOrThrow()
    for (const [now, status] of [
      [end - 30 * dayMs - 1, 'ISSUED'],
      [end - 30 * dayMs, 'WILLEXPIRED'],
      [end + 999, 'WILLEXPIRED'],
      [end + 1_000, 'EXPIRED'],
    ] as const) {
      test.clock.now = now
      assert.deepEqual(await orderIds(test, { Status: status }), [issued.id], `${status} at ${now - end}`)
      assert.equal((await listOrdersPage(test)).items.find(({ OrderId }) => OrderId === issued.id)?.['Status'], status)
    }
  })

  onBothEngines('shows certificates with the fields of CERT and UPLOAD, by default those that are valid', async (test) => {
    await buyPlenty(test)
    const order = await issue(test, { domain: 'www.example.com' })
    const certId = await upload(test, 'My Upload', 'rg-web')
    const uploaded = onlyItem(await listOrdersPage(test, { OrderType: 'UPLOAD' }))
    assert.deepEqual(
      [uploaded['CertificateId'], uploaded['Name'], uploaded['Upload'], uploaded['InstanceId'], uploaded['ResourceGroupId']],
      [certId, 'My Upload', true, `cas-upload-${certId}`, 'rg-web'],
    )
    const all = await listOrdersPage(test, { OrderType: 'CERT' })
    assert.equal(all.total, 2)
    const own = all.items.find(({ Upload }) => Upload === false) ?? assert.fail()
    assert.deepEqual(Object.keys(own), [
      'CertificateId',
      'Name',
      'InstanceId',
      'ResourceId',
      'CommonName',
      'Sans',
      'Issuer',
      'OrgName',
      'Country',
      'Province',
      'City',
      'SerialNo',
      'Fingerprint',
      'Sha2',
      'StartDate',
      'EndDate',
      'Expired',
      'Upload',
      'ResourceGroupId',
    ])
    assert.deepEqual(
      [own['InstanceId'], own['ResourceId'], own['Sans'], own['Expired']],
      [`cas-ivauto-${order.instance_id}`, `cas-cert-${order.id}`, 'www.example.com', false],
    )
    assert.match(String(own['Sha2']), /^[0-9A-F]{64}$/)
    assert.match(String(own['StartDate']), /^\d{4}-\d\d-\d\d$/)
    test.clock.now += 91 * dayMs
    assert.deepEqual((await listOrdersPage(test, { OrderType: 'CERT', Keyword: 'www.' })).items, [])
    assert.equal(onlyItem(await listOrdersPage(test, { OrderType: 'CERT', Status: 'EXPIRED', Keyword: 'www.' }))['Expired'], true)
  })

  onBothEngines('lists purchases without an OrderId, which would name another order', async (test) => {
    await buyPlenty(test)
    const { items, total } = await listOrdersPage(test, { OrderType: 'BUY' })
    assert.equal(total, items.length)
    const [latest] = items
    assert.deepEqual(
      [latest?.['OrderId'], latest?.['SourceType'], latest?.['Status'], latest?.['ProductCode']],
      [undefined, 'buy', 'PAYED', 'geotrust-dv-1-starter'],
    )
    assert.equal(
      onlyItem(await listOrdersPage(test, { OrderType: 'BUY', Keyword: 'geotrust' }))['AliyunOrderId'],
      latest?.['AliyunOrderId'],
    )
    assert.deepEqual((await listOrdersPage(test, { OrderType: 'BUY', Status: 'CHECKING' })).items, [])
    test.clock.now += 1_980 * dayMs
    assert.equal((await listOrdersPage(test, { OrderType: 'BUY', Status: 'WILLEXPIRED' })).total, 2)
    test.clock.now += 20 * dayMs
    assert.equal((await listOrdersPage(test, { OrderType: 'BUY', Status: 'EXPIRED' })).total, total)
  })

  onBothEngines('finds a keyword anywhere in names and ids, in any case, and in the name of a certificate', async (test) => {
    await buyPlenty(test)
    const order = await issue(test, { domain: 'shop.example.com' })
    const other = await place(test, { domain: 'www.example.net' })
    const certId = await upload(test, 'Blue-Green')
    for (const [Keyword, found] of [
      ['hop.exam', [order.id]],
      ['SHOP', [order.id]],
      ['example', [other.id, order.id]],
      [`cas-cert-${other.id}`, [other.id]],
      [`ivauto-${order.instance_id}`, [order.id]],
      ['cas-', [other.id, order.id]],
      ['t', [other.id, order.id]],
      ['*.example', []],
      ['com\tcas', []],
      ['%', []],
      ['blue', []],
    ] as const) {
      assert.deepEqual(await orderIds(test, { Keyword }), found, Keyword)
    }
    const certificates = async (Keyword: string) =>
      (await listOrdersPage(test, { OrderType: 'CERT', Keyword })).items.map(({ CertificateId }) => CertificateId)
    assert.deepEqual(await certificates('blue-g'), [certId])
    assert.deepEqual(await certificates(`cas-cert-${order.id}`), [
      (await test.services.db.read.selectFrom('orders').select('certificate_id').where('id', '=', order.id).executeTakeFirstOrThrow())
        .certificate_id,
    ])
  })

  onBothEngines('narrows to a resource group, alone and with a status', async (test) => {
    await buyPlenty(test)
    const [inside, outside] = [await place(test, { domain: 'in.example.com' }), await place(test, { domain: 'out.example.com' })]
    const ready = await issue(test, { domain: 'ready.example.com' })
    await writeDirectly(test, `update orders set resource_group = 'rg-web' where id in (${inside.id}, ${ready.id})`)
    assert.deepEqual(await orderIds(test, { ResourceGroupId: 'rg-web' }), [ready.id, inside.id])
    assert.deepEqual(await orderIds(test, { ResourceGroupId: 'rg-web', Status: 'CHECKING' }), [inside.id])
    assert.deepEqual(await orderIds(test, { ResourceGroupId: 'rg-web', Status: 'ISSUED' }), [ready.id])
    assert.deepEqual(await orderIds(test, { ResourceGroupId: 'rg-web', Keyword: 'example' }), [ready.id, inside.id])
    assert.deepEqual(await orderIds(test, { ResourceGroupId: 'rg-none' }), [])
    assert.ok((await orderIds(test)).includes(outside.id))
  })

  onBothEngines('refuses what is no filter by its name', async (test) => {
    for (const [input, named] of [
      [{ OrderType: 'cpack' }, 'OrderType'],
      [{ OrderType: 'ALL' }, 'OrderType'],
      [{ Status: 'issued' }, 'Status'],
      [{ Status: 'NONE' }, 'Status'],
      [{ OrderType: 'CERT', Status: 'PAYED' }, 'Status'],
      [{ OrderType: 'UPLOAD', Status: 'REVOKED' }, 'Status'],
      [{ OrderType: 'CERT', Status: 'NOTACTIVATED' }, 'Status'],
      [{ CurrentPage: '0' }, 'CurrentPage'],
      [{ CurrentPage: '-1' }, 'CurrentPage'],
      [{ CurrentPage: 'two' }, 'CurrentPage'],
      [{ CurrentPage: '1000001' }, 'CurrentPage'],
      [{ ShowSize: '0' }, 'ShowSize'],
      [{ ShowSize: '101' }, 'ShowSize'],
      [{ ResourceGroupId: 'web' }, 'ResourceGroupId'],
    ] as const) {
      await assert.rejects(listOrdersPage(test, input), (error) => {
        assert.ok(error instanceof Problem)
        assert.deepEqual([error.problem, error.params['P']], ['invalidParameter', named], JSON.stringify(input))
        return true
      })
    }
    assert.deepEqual(
      (await listOrdersPage(test, { OrderType: '', Status: '', Keyword: '', ResourceGroupId: '', CurrentPage: '7' })).items,
      [],
    )
  })
})

describeService('ListUserCertificateOrder by the official clients', (service) => {
  it('is read by 1.3.0 and 3.0.0 alike', async () => {
    await service().succeed('PurchasePackage', { ProductCode: application.ProductCode, Count: '5' }, extension)
    const { OrderId } = await service().succeed('CreateCertificateRequest', application)
    const old = new CasOne.default(
      new OpenApi.Config({
        accessKeyId: rootKey.accessKeyId,
        accessKeySecret: rootKey.secret,
        endpoint: new URL(service().addresses.http ?? '').host,
        protocol: 'http',
      }),
    )
    const asked = { keyword: 'www.example', showSize: 10, currentPage: 1, orderType: 'CPACK', status: 'CHECKING' }
    const first = (await old.listUserCertificateOrder(new CasOne.ListUserCertificateOrderRequest(asked))).body
    const third = (await createCasClient(service()).listUserCertificateOrder(new CasThree.ListUserCertificateOrderRequest(asked))).body
    for (const body of [first, third]) {
      assert.deepEqual([body?.currentPage, body?.showSize, body?.totalCount], [1, 10, 1])
      const [order] = body?.certificateOrderList ?? []
      assert.deepEqual(
        [order?.orderId, order?.domain, order?.status, order?.sourceType, order?.certType],
        [OrderId, 'www.example.com', 'CHECKING', 'cpack', 'FREE'],
      )
    }
  })
})
