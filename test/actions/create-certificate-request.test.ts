import assert from 'node:assert/strict'
import { it } from 'node:test'
import { listAuthorizations, listOrderTags } from '../../src/storage/orders.ts'
import { application, describeService, type TestService } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { countStored } from '../support/stored.ts'

const { ProductCode: _, ...withoutProduct } = application

async function place(service: TestService, change: Readonly<Record<string, string>> = {}): Promise<number> {
  const { OrderId } = await service.succeed('CreateCertificateRequest', { ...application, ...change })
  assert.ok(typeof OrderId === 'number')
  return OrderId
}

async function loadOrder({ services: { db } }: TestService, orderId: number) {
  return await db.read.selectFrom('orders').selectAll().where('id', '=', orderId).executeTakeFirstOrThrow()
}

describeService('CreateCertificateRequest', (service) => {
  it('answers RequestId and an OrderId that is a JSON number below 2^53, and nothing else', async () => {
    const answer = await service().call('CreateCertificateRequest', application)
    assert.equal(answer.status, 200)
    assert.deepEqual(Object.keys(answer.body), ['RequestId', 'OrderId'])
    assert.match(answer.text, /"OrderId":[1-9][0-9]*[,}]/)
    assert.ok(Number.isSafeInteger(answer.body['OrderId']))
  })

  for (const [title, change] of [
    ['without a ProductCode', {}],
    ['with an empty ProductCode', { ProductCode: '' }],
  ] as const) {
    it(`${title} orders digicert-free-1-free`, async () => {
      const { OrderId } = await service().succeed('CreateCertificateRequest', { ...withoutProduct, ...change })
      assert.equal((await loadOrder(service(), Number(OrderId))).product_code, 'digicert-free-1-free')
    })
  }

  it('counts as used at once, and not as issued', async () => {
    const before = await service().succeed('DescribePackageState', {})
    await place(service())
    const after = await service().succeed('DescribePackageState', {})
    assert.equal(after['UsedCount'], Number(before['UsedCount']) + 1)
    assert.equal(after['IssuedCount'], before['IssuedCount'])
    assert.equal(after['TotalCount'], before['TotalCount'])
  })

  it('keeps applicant, name, method and product as they were given', async () => {
    const orderId = await place(service(), {
      Domain: 'WWW.Example.COM.',
      ValidateType: 'FILE',
      Username: ' 张三 ',
      Phone: '+86 (10) 5555-0100',
    })
    const order = await loadOrder(service(), orderId)
    assert.equal(order.domain, 'www.example.com')
    assert.equal(order.method, 'FILE')
    assert.deepEqual(JSON.parse(order.applicant), { username: '张三', phone: '+86 (10) 5555-0100', email: application.Email })
  })

  for (const [given, stored] of [
    ['bücher.example.com', 'xn--bcher-kva.example.com'],
    ['XN--BCHER-KVA.example.com', 'xn--bcher-kva.example.com'],
    ['例子.测试', undefined],
    [`${'a'.repeat(63)}.example.com`, `${'a'.repeat(63)}.example.com`],
    ['example.com', 'example.com'],
    ['my.github.io', 'my.github.io'],
    ['bank-test.example.com', 'bank-test.example.com'],
  ] as const) {
    it(stored === undefined ? `refuses ${given}, which is in no public DNS` : `takes ${given} as ${stored}`, async () => {
      if (stored === undefined) {
        const answer = await service().call('CreateCertificateRequest', { ...application, Domain: given })
        assert.equal(answer.body['Code'], 'InvalidParameter')
      } else assert.equal((await loadOrder(service(), await place(service(), { Domain: given }))).domain, stored)
    })
  }

  for (const ProductCode of ['geotrust-dv-w-starter', 'globalsign-dv-w-advanced', 'symantec-dv-1-starter', 'chancery-private-w']) {
    it(`${ProductCode} takes a wildcard, which is proven at the name below it`, async () => {
      await service().succeed('PurchasePackage', { ProductCode, Count: '1' }, extension)
      const orderId = await place(service(), { ProductCode, Domain: '*.example.com' })
      const state = await service().succeed('DescribeCertificateState', { OrderId: String(orderId) })
      assert.equal(state['RecordDomain'], '_dnsauth.example.com')
    })
  }

  for (const ProductCode of ['symantec-free-1-free', 'geotrust-dv-1-starter', 'globalsign-dv-1-personal', 'chancery-private-1']) {
    it(`${ProductCode} takes a single name`, async () => {
      await service().succeed('PurchasePackage', { ProductCode, Count: '1' }, extension)
      assert.equal((await loadOrder(service(), await place(service(), { ProductCode }))).product_code, ProductCode)
    })
  }

  it('a product of private use takes a name under an internal top-level domain', async () => {
    const ProductCode = 'chancery-private-1'
    await service().succeed('PurchasePackage', { ProductCode, Count: '1' }, extension)
    assert.equal((await loadOrder(service(), await place(service(), { ProductCode, Domain: 'db.corp' }))).domain, 'db.corp')
  })

  it('takes a name of 253 characters by FILE, which needs no record below it', async () => {
    await service().succeed('PurchasePackage', { ProductCode: 'digicert-free-1-free', Count: '10' }, extension)
    const Domain = `${`${'a'.repeat(61)}.`.repeat(3)}${'a'.repeat(63)}.com`
    assert.equal(Domain.length, 253)
    assert.equal((await loadOrder(service(), await place(service(), { Domain, ValidateType: 'FILE' }))).domain, Domain)
  })

  it('takes 20 tags with keys of 64 and values of 0 and 128 characters, in any order and with gaps', async () => {
    const tags = Array.from({ length: 20 }, (_, i) => {
      const key = i === 0 ? 'k'.repeat(64) : `Key.${i}_x-y`
      return { key, value: i === 0 ? '9'.repeat(128) : i === 1 ? '' : `0.${i}_v-w` }
    })
    const parameters = tags.flatMap(({ key, value }, i) => [
      [`Tags.${(20 - i) * 3}.Value`, value],
      [`Tags.${(20 - i) * 3}.Key`, key],
    ])
    const orderId = await place(service(), Object.fromEntries(parameters))
    const stored = await listOrderTags(service().services.db.read, service().accountId, orderId)
    const byKey = (a: { key: string }, b: { key: string }) => Number(a.key > b.key) - Number(a.key < b.key)
    assert.deepEqual(stored.map(({ key, value }) => ({ key, value })).toSorted(byKey), tags.toSorted(byKey))
  })

  it('takes a tag without a value, and keys that differ in case only', async () => {
    const orderId = await place(service(), { 'Tags.1.Key': 'env', 'Tags.2.Key': 'Env', 'Tags.2.Value': 'test' })
    const stored = await listOrderTags(service().services.db.read, service().accountId, orderId)
    assert.deepEqual(
      new Map(stored.map(({ key, value }) => [key, value])),
      new Map([
        ['Env', 'test'],
        ['env', ''],
      ]),
    )
  })

  for (const algorithm of ['RSA_2048', 'RSA_3072', 'RSA_4096', 'ECC_256', 'ECC_384']) {
    it(`KeyAlgorithm=${algorithm} is kept with the order`, async () => {
      assert.equal((await loadOrder(service(), await place(service(), { KeyAlgorithm: algorithm }))).key_algorithm, algorithm)
    })
  }

  it('an absent or empty KeyAlgorithm is RSA_2048, as the original has it', async () => {
    assert.equal((await loadOrder(service(), await place(service()))).key_algorithm, 'RSA_2048')
    assert.equal((await loadOrder(service(), await place(service(), { KeyAlgorithm: '' }))).key_algorithm, 'RSA_2048')
  })

  it('two orders for one name are two orders with values of their own', async () => {
    await service().succeed('PurchasePackage', { ProductCode: 'digicert-free-1-free', Count: '10' }, extension)
    const { db } = service().services
    const orders = [await place(service()), await place(service())]
    const tokens = (await Promise.all(orders.map((id) => listAuthorizations(db.read, id)))).flat().map(({ token }) => token)
    assert.equal(new Set(tokens).size, 2)
    for (const token of tokens) assert.match(token, /^20[0-9]{6}0000000[a-z0-9]{49}$/)
  })

  it('reads parameters from the query, from the form and from GET alike', async () => {
    for (const options of [{ place: 'query' }, { place: 'form' }, { method: 'GET' }] as const) {
      await service().succeed('CreateCertificateRequest', application, options)
    }
  })

  it('the same ClientToken with the same input gives the same order, once', async () => {
    const given = { ...application, ClientToken: '!token~' }
    const first = await service().succeed('CreateCertificateRequest', given)
    const before = await countStored(service())
    const again = await service().succeed('CreateCertificateRequest', given)
    assert.equal(again['OrderId'], first['OrderId'])
    assert.notEqual(again['RequestId'], first['RequestId'])
    const after = await countStored(service())
    assert.deepEqual({ ...after, validation_attempts: 0 }, { ...before, validation_attempts: 0 })
  })

  it('the same ClientToken sent eight times at once gives one order', async () => {
    const given = { ...application, ClientToken: 'eight-at-once' }
    const before = await countStored(service())
    const answers = await Promise.all(Array.from({ length: 8 }, () => service().succeed('CreateCertificateRequest', given)))
    assert.equal(new Set(answers.map(({ OrderId }) => OrderId)).size, 1)
    const after = await countStored(service())
    assert.equal(after['orders'], (before['orders'] ?? 0) + 1)
    assert.equal(after['units_used'], (before['units_used'] ?? 0) + 1)
  })

  it('the same ClientToken with another input is refused', async () => {
    await place(service(), { ClientToken: 'other-input' })
    const before = await countStored(service())
    const { status, body } = await service().call('CreateCertificateRequest', {
      ...application,
      Domain: 'other.example.com',
      ClientToken: 'other-input',
    })
    assert.deepEqual({ status, code: body['Code'] }, { status: 400, code: 'IdempotentParameterMismatch' })
    assert.equal((await countStored(service()))['orders'], before['orders'])
  })

  it('a refusal is not stored with its ClientToken', async () => {
    const bad = await service().call('CreateCertificateRequest', { ...application, Phone: '1', ClientToken: 'refused-first' })
    assert.equal(bad.status, 400)
    await place(service(), { ClientToken: 'refused-first' })
  })

  it('an empty ClientToken is none', async () => {
    const orders = [await place(service(), { ClientToken: '' }), await place(service(), { ClientToken: '' })]
    assert.notEqual(orders[0], orders[1])
  })
})

describeService(
  'CHANCERY_SYMANTEC_DV_STARTER=single',
  (service) => {
    it('symantec-dv-1-starter takes a single name, and no wildcard', async () => {
      const ProductCode = 'symantec-dv-1-starter'
      await service().succeed('PurchasePackage', { ProductCode, Count: '1' }, extension)
      const refused = await service().call('CreateCertificateRequest', { ...application, ProductCode, Domain: '*.example.com' })
      assert.equal(refused.body['Code'], 'InvalidParameter')
      await place(service(), { ProductCode })
    })
  },
  { env: { CHANCERY_SYMANTEC_DV_STARTER: 'single' }, only: 'sqlite' },
)
