import assert from 'node:assert/strict'
import { it } from 'node:test'
import { builtInProducts } from '../../src/plans/built-in-products.ts'
import { auditPlans } from '../../src/plans/audit-plans.ts'
import { application, describeService } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { countStored } from '../support/stored.ts'

describeService('plans', (service) => {
  it('DescribePackageState without a ProductCode shows the starter plan of 20 digicert-free-1-free, in JSON numbers', async () => {
    const { RequestId, ...fields } = await service().succeed('DescribePackageState', {})
    assert.deepEqual(fields, { ProductCode: 'digicert-free-1-free', TotalCount: 20, UsedCount: 0, IssuedCount: 0 })
    assert.equal(typeof RequestId, 'string')
    assert.deepEqual((await service().succeed('DescribePackageState', { ProductCode: '' }))['TotalCount'], 20)
  })

  it('a new installation has 20 units for ACME clients too', async () => {
    const { TotalCount } = await service().succeed('DescribePackageState', { ProductCode: 'chancery-private-mix' })
    assert.equal(TotalCount, 20)
  })

  const granted = ['digicert-free-1-free', 'chancery-private-mix']
  for (const { code } of builtInProducts.filter((product) => !granted.includes(product.code))) {
    it(`${code} has zeros until it is bought, then what was bought`, async () => {
      const counters = async () => {
        const { RequestId: _, ...fields } = await service().succeed('DescribePackageState', { ProductCode: code })
        return fields
      }
      assert.deepEqual(await counters(), { ProductCode: code, TotalCount: 0, UsedCount: 0, IssuedCount: 0 })
      await service().succeed('PurchasePackage', { ProductCode: code, Count: '2' }, extension)
      await service().succeed('PurchasePackage', { ProductCode: code, Count: '3' }, extension)
      assert.deepEqual(await counters(), { ProductCode: code, TotalCount: 5, UsedCount: 0, IssuedCount: 0 })
    })
  }

  it('PurchasePackage answers RequestId and the id of the plan, and nothing else', async () => {
    const answer = await service().succeed('PurchasePackage', { ProductCode: 'digicert-free-1-free', Count: '1' }, extension)
    assert.deepEqual(Object.keys(answer), ['RequestId', 'PackageId'])
    assert.ok(Number.isSafeInteger(answer['PackageId']))
  })

  it('PurchasePackage takes up to a million at once', async () => {
    const { PackageId } = await service().succeed('PurchasePackage', { ProductCode: 'chancery-private-1', Count: '1000000' }, extension)
    assert.ok(Number.isSafeInteger(PackageId))
  })

  it('PurchasePackage with the same ClientToken buys once, with another input is refused', async () => {
    const given = { ProductCode: 'digicert-free-1-free', Count: '7', ClientToken: 'buy-once' }
    const first = await service().succeed('PurchasePackage', given, extension)
    const stored = await countStored(service())
    assert.equal((await service().succeed('PurchasePackage', given, extension))['PackageId'], first['PackageId'])
    const other = await service().call('PurchasePackage', { ...given, Count: '8' }, extension)
    assert.deepEqual({ status: other.status, code: other.body['Code'] }, { status: 400, code: 'IdempotentParameterMismatch' })
    assert.deepEqual(await countStored(service()), stored)
  })

  it('a ClientToken belongs to one action: another may use the same', async () => {
    await service().succeed('PurchasePackage', { ProductCode: 'digicert-free-1-free', Count: '1', ClientToken: 'shared' }, extension)
    await service().succeed('CreateCertificateRequest', { ...application, ClientToken: 'shared' })
  })

  it('twelve orders at once on a plan of five take five units, and the ledger agrees', async () => {
    const ProductCode = 'globalsign-dv-1-personal'
    const before = await service().succeed('DescribePackageState', { ProductCode })
    const free = Number(before['TotalCount']) - Number(before['UsedCount'])
    const answers = await Promise.all(
      Array.from({ length: free + 7 }, () => service().call('CreateCertificateRequest', { ...application, ProductCode })),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, free)
    for (const { status, body } of answers) if (status !== 200) assert.equal(body['Code'], 'NotRemainCount')
    const after = await service().succeed('DescribePackageState', { ProductCode })
    assert.equal(after['UsedCount'], after['TotalCount'])
    assert.deepEqual((await auditPlans(service().services.db.read)).differences, [])
  })
})
