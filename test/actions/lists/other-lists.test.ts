import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Problem } from '../../../src/problem.ts'
import { renewOrder } from '../../../src/orders/renew-order.ts'
import { addPlan, dayMs, onBothEngines, place, writeDirectly } from '../../orders/open-test-services.ts'
import { callGeneric, createCasClient } from '../../support/cas-client.ts'
import { contextOf } from '../../support/context.ts'
import { application, describeService } from '../../support/service.ts'
import { extension } from '../../support/signed-call.ts'
import { buyPlenty, callList, issue, type Item } from './call-list.ts'

const paid = { productCode: 'geotrust-dv-1-starter' } as const

describe('ListCertificates', () => {
  onBothEngines('lists by source and status, whatever became of them', async (test) => {
    await buyPlenty(test)
    const [free, bought, revoked] = [
      await issue(test, { domain: 'free.example.com' }),
      await issue(test, { ...paid, domain: 'paid.example.com' }),
      await issue(test, { domain: 'gone.example.com' }),
    ]
    await writeDirectly(test, `update certificate_cards set revoked_at = ${test.clock.now} where order_id = ${revoked.id}`)
    const names = async (input: Readonly<Record<string, string>>) =>
      ((await callList(test, 'ListCertificates', input))['CertificateList'] as Item[]).map(({ CommonName }) => CommonName)
    assert.deepEqual(await names({}), ['gone.example.com', 'paid.example.com', 'free.example.com'])
    assert.deepEqual(await names({ CertificateSource: 'TEST' }), ['gone.example.com', 'free.example.com'])
    assert.deepEqual(await names({ CertificateSource: 'BUY' }), ['paid.example.com'])
    assert.deepEqual(await names({ CertificateSource: 'UPLOAD' }), [])
    assert.deepEqual(await names({ CertificateStatus: 'revoked' }), ['gone.example.com'])
    assert.deepEqual(await names({ CertificateStatus: 'issued' }), ['paid.example.com', 'free.example.com'])
    assert.deepEqual(await names({ InstanceId: `cas-ivauto-${bought.instance_id}` }), ['paid.example.com'])
    assert.deepEqual(await names({ InstanceId: `cas-cert-${free.id}` }), ['free.example.com'])
    assert.deepEqual(await names({ InstanceId: 'cas-ivauto-1' }), [])
    assert.deepEqual(await names({ Keyword: 'PAID.' }), ['paid.example.com'])
    assert.deepEqual(await names({ Keyword: 'example', CertificateStatus: 'issued', CertificateSource: 'TEST' }), ['free.example.com'])
    test.clock.now += 61 * dayMs
    assert.deepEqual(await names({ CertificateStatus: 'willExpire' }), ['free.example.com'])
    test.clock.now += 30 * dayMs
    assert.deepEqual(await names({ CertificateStatus: 'expired' }), ['free.example.com'])
    assert.deepEqual(await names({ ShowSize: '1', CurrentPage: '2' }), ['paid.example.com'])
    await assert.rejects(callList(test, 'ListCertificates', { CertificateStatus: 'ISSUED' }), Problem)
  })
})

describe('ListCert', () => {
  onBothEngines('lists certificates as a warehouse shows them', async (test) => {
    await buyPlenty(test)
    await issue(test, { domain: 'a.example.com' })
    const { id } = await issue(test, { domain: 'b.example.com' })
    await writeDirectly(test, `update certificate_cards set revoked_at = ${test.clock.now} where order_id = ${id}`)
    const list = async (input: Readonly<Record<string, string>>) => (await callList(test, 'ListCert', input))['CertList'] as Item[]
    const names = async (input: Readonly<Record<string, string>>) => (await list(input)).map(({ CommonName }) => CommonName)
    assert.deepEqual(await names({}), ['b.example.com', 'a.example.com'])
    assert.deepEqual(await names({ Status: 'REVOKE' }), ['b.example.com'])
    assert.deepEqual(await names({ Status: 'ISSUE' }), ['a.example.com'])
    assert.deepEqual(await names({ SourceType: 'upload' }), [])
    assert.deepEqual(await names({ SourceType: 'aliyun', KeyWord: 'a.exam' }), ['a.example.com'])
    assert.deepEqual(await names({ CertType: 'CA' }), [])
    assert.deepEqual(await names({ CertType: 'CERT' }), ['b.example.com', 'a.example.com'])
    const [first, second] = await list({})
    assert.deepEqual(await names({ Identifiers: `${String(second?.['Identifier'])},nothing` }), ['a.example.com'])
    assert.deepEqual(await names({ Identifiers: 'nothing' }), [])
    assert.deepEqual([first?.['Status'], first?.['ExistPrivateKey'], first?.['SourceType']], ['REVOKE', true, 'aliyun'])
    assert.equal(first?.['SignAlgorithm'], 'SHA256withECDSA')
    await assert.rejects(list({ WarehouseId: '1' }), { problem: 'notFoundContent' })
    await assert.rejects(list({ Status: 'issued' }), { problem: 'invalidParameter' })
  })
})

describe('GetCertificatePackageCount', () => {
  onBothEngines('counts every product that is not over, in texts as the original writes them', async (test) => {
    await writeDirectly(test, 'delete from ledger_entries')
    await writeDirectly(test, 'delete from plans')
    await addPlan(test, { units: 20, validUntil: test.clock.now + dayMs })
    await addPlan(test, { units: 5, validUntil: test.clock.now + 10 * dayMs, productCode: 'cfca-ov-1-personal' })
    await place(test)
    const answer = await callList(test, 'GetCertificatePackageCount')
    assert.equal(answer['TotalCountDetail'], '{TotalCount=25, RemainCount=24, FreeQuota=20, UsedCount=1}')
    assert.equal(answer['TrusteeCountDetail'], '{TotalCount=0, ValidCount=0, RemainCount=0, UsedCount=0}')
    assert.equal(answer['NoticeCountDetail'], '{TotalCount=0, RemainCount=0, UsedCount=0}')
    assert.equal(answer['ProxyCountDetail'], '{TotalCount=0, RemainCount=0, AutoPay=0, AutoPayCount=0, UsedCount=0}')
    const products = JSON.parse(String(answer['ProductCountList'])) as Item[]
    assert.deepEqual(
      products.map(({ ProductId: _id, ...rest }) => rest),
      [
        {
          BrandName: 'CFCA',
          TotalCount: 5,
          DomainType: 'ONE',
          RemainCount: 5,
          ProductCode: 'cfca-ov-1-personal',
          CertType: 'OV',
          UsedCount: 0,
        },
        {
          BrandName: 'DigiCert',
          TotalCount: 20,
          DomainType: 'ONE',
          RemainCount: 19,
          ProductCode: 'digicert-free-1-free',
          CertType: 'DV',
          UsedCount: 1,
        },
      ],
    )
    test.clock.now += dayMs
    assert.equal(
      (await callList(test, 'GetCertificatePackageCount'))['TotalCountDetail'],
      '{TotalCount=5, RemainCount=5, FreeQuota=0, UsedCount=0}',
    )
  })
})

describe('ListTrusteeOrder', () => {
  onBothEngines('lists a chain of renewals by any of its orders or certificates', async (test) => {
    await buyPlenty(test)
    const first = await issue(test, { ...paid, domain: 'www.example.com' })
    test.clock.now += 180 * dayMs
    const { orderId } = await renewOrder(test.services, {
      context: contextOf(test.caller),
      orderId: first.id,
      csr: undefined,
      tags: [],
      submit: true,
      clientToken: undefined,
    })
    const { certificate_id: certificateId } = await test.services.db.read
      .selectFrom('orders')
      .select('certificate_id')
      .where('id', '=', first.id)
      .executeTakeFirstOrThrow()
    const list = async (input: Readonly<Record<string, string>>) => {
      const answer = await callList(test, 'ListTrusteeOrder', input)
      return { answer, orders: JSON.parse(String(answer['TrusteeOrderList'])) as Item[] }
    }
    for (const input of [{ OrderId: String(first.id) }, { OrderId: String(orderId) }, { CertificateId: String(certificateId) }]) {
      const { answer, orders } = await list(input)
      assert.deepEqual(
        orders.map(({ OrderId, StatusCode, IsRenew }) => [OrderId, StatusCode, IsRenew]),
        [
          [orderId, 'checking', true],
          [first.id, 'willExpired', false],
        ],
      )
      assert.deepEqual([answer['TotalCount'], answer['MaxResults'], answer['NextToken']], [2, 20, undefined])
      assert.equal(orders[0]?.['ResourceId'], orders[1]?.['ResourceId'])
    }
    const page = await list({ OrderId: String(first.id), MaxResults: '1' })
    assert.deepEqual(
      page.orders.map(({ OrderId }) => OrderId),
      [orderId],
    )
    const next = await list({ OrderId: String(first.id), MaxResults: '1', NextToken: String(page.answer['NextToken']) })
    assert.deepEqual([next.orders[0]?.['OrderId'], next.answer['NextToken']], [first.id, undefined])
    for (const [input, problem] of [
      [{}, 'missingParameter'],
      [{ OrderId: '1' }, 'notFoundOrder'],
      [{ CertificateId: '1' }, 'notFoundCertificate'],
      [{ OrderId: '1', CertificateId: '1' }, 'invalidParameter'],
      [{ OrderId: String(first.id), NextToken: 'x' }, 'invalidParameter'],
      [{ OrderId: String(first.id), MaxResults: '0' }, 'invalidParameter'],
    ] as const) {
      await assert.rejects(callList(test, 'ListTrusteeOrder', input), { problem }, JSON.stringify(input))
    }
  })
})

describeService('lists by the official client’s generic call', (service) => {
  it('answer their own fields', async () => {
    await service().succeed('PurchasePackage', { ProductCode: application.ProductCode, Count: '5' }, extension)
    const { OrderId } = await service().succeed('CreateCertificateRequest', application)
    const client = createCasClient(service())
    const trustee = await callGeneric(client, 'ListTrusteeOrder', { OrderId, MaxResults: 5 })
    assert.deepEqual([trustee['TotalCount'], (JSON.parse(String(trustee['TrusteeOrderList'])) as Item[])[0]?.['OrderId']], [1, OrderId])
    assert.match(
      String((await callGeneric(client, 'GetCertificatePackageCount', {}))['TotalCountDetail']),
      /^\{TotalCount=\d+, RemainCount=\d+, FreeQuota=\d+, UsedCount=1\}$/,
    )
  })
})
