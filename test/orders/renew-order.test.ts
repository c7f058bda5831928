import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe } from 'node:test'
import { cancelOrder } from '../../src/orders/cancel-order.ts'
import { deleteOrder } from '../../src/orders/delete-order.ts'
import { describeOrder } from '../../src/orders/describe-order.ts'
import { type RenewalRequest, renewOrder } from '../../src/orders/renew-order.ts'
import { submitOrder } from '../../src/orders/submit-order.ts'
import { listAuthorizations, listOrderTags, type OrderRow } from '../../src/storage/orders.ts'
import { contextOf } from '../support/context.ts'
import { generateTestKey } from '../x509/keys.ts'
import { assertAgrees, countersOf, issueOne, issuePlaced, outcome, outcomes, paid } from './life-of-orders.ts'
import { makeCsr } from './make-csr.ts'
import { addPlan, dayMs, load, onBothEngines, start, type TestServices, writeDirectly } from './open-test-services.ts'

/** Certificates of the product last 199 days. */
const aboutToExpire = start + 180 * dayMs

async function issueRenewable(test: TestServices, changes: Parameters<typeof issueOne>[1] = {}): Promise<OrderRow> {
  await addPlan(test, { units: 5, validUntil: start + 300 * dayMs, productCode: paid })
  const order = await issueOne(test, { productCode: paid, ...changes })
  test.clock.now = aboutToExpire
  return order
}

function renew(test: TestServices, orderId: number, changes: Partial<RenewalRequest> = {}): Promise<{ orderId: number }> {
  const context = contextOf(test.caller)
  return renewOrder(test.services, { context, orderId, csr: undefined, tags: [], submit: false, clientToken: undefined, ...changes })
}

const tagsOf = async (test: TestServices, orderId: number) =>
  (await listOrderTags(test.services.db.read, test.caller.accountId, orderId)).map((tag) => ({ ...tag }))

void describe('a renewal', () => {
  onBothEngines('is an order of its own that waits to be submitted, with all that the old one had', async (test) => {
    const old = await issueRenewable(test, {
      names: 'several',
      domain: 'www.example.com,example.com',
      tags: [{ key: 'team', value: 'web' }],
      keyAlgorithm: 'ECC_384',
    })
    const { orderId } = await renew(test, old.id)
    const renewal = await load(test, orderId)
    assert.deepEqual([renewal.state, renewal.run_at, renewal.renews_order_id], ['draft', null, old.id])
    for (const column of ['domain', 'names', 'method', 'applicant', 'product_code', 'key_algorithm'] as const) {
      assert.equal(renewal[column], old[column], column)
    }
    const { read } = test.services.db
    assert.deepEqual(await tagsOf(test, orderId), [{ key: 'team', value: 'web' }])
    assert.deepEqual(await listAuthorizations(read, orderId), [])
    assert.deepEqual(await countersOf(test, orderId), { total: 5, used: 2, issued: 1 })
    assert.equal((await load(test, old.id)).state, 'issued')
    await submitOrder(test.services, contextOf(test.caller), orderId)
    await issuePlaced(test, orderId)
    const described = await describeOrder(test.services, orderId, contextOf(test.caller))
    assert(described.stage === 'issued')
    assert.equal(described.resource, `cas-cert-${old.id}`)
    assert.equal(new X509Certificate(described.certificatePem).subjectAltName, 'DNS:www.example.com, DNS:example.com')
    await assertAgrees(test)
  })

  onBothEngines('goes ahead at once if told so, and keeps the resource of a chain', async (test) => {
    const first = await issueRenewable(test)
    const second = await renew(test, first.id, { submit: true, tags: [{ key: 'k', value: 'new' }] })
    assert.equal((await load(test, second.orderId)).state, 'validating')
    assert.deepEqual(await tagsOf(test, second.orderId), [{ key: 'k', value: 'new' }])
    await issuePlaced(test, second.orderId)
    await addPlan(test, { units: 1, validUntil: start + 500 * dayMs, productCode: paid })
    test.clock.now = aboutToExpire + 180 * dayMs
    const third = await renew(test, second.orderId, { submit: true })
    assert.deepEqual(
      [(await load(test, third.orderId)).lineage_id, (await load(test, third.orderId)).renews_order_id],
      [first.id, second.orderId],
    )
    await assertAgrees(test)
  })

  onBothEngines('is one at a time, until it is deleted or its certificate revoked', async (test) => {
    const old = await issueRenewable(test)
    assert.deepEqual(await outcomes(renew(test, old.id), renew(test, old.id)), ['done', 'renewalExists'])
    assert.equal(await outcome(renew(test, old.id)), 'renewalExists')
    const [first] = await test.services.db.read.selectFrom('orders').select('id').where('renews_order_id', '=', old.id).execute()
    await deleteOrder(test.services, contextOf(test.caller), first?.id ?? 0)
    const again = await renew(test, old.id, { submit: true })
    await issuePlaced(test, again.orderId)
    assert.equal(await outcome(renew(test, old.id)), 'renewalExists')
    await cancelOrder(test.services, contextOf(test.caller), again.orderId)
    assert.equal(await outcome(renew(test, old.id)), 'done')
    await assertAgrees(test)
  })

  onBothEngines('may bring a new CSR for the same name, whose key it then has', async (test) => {
    const old = await issueRenewable(test, { keyAlgorithm: undefined })
    assert.equal(old.key_algorithm, 'RSA_2048')
    assert.equal(await outcome(renew(test, old.id, { csr: makeCsr('other.example.com') })), 'invalidParameter')
    const key = generateTestKey('P-384')
    const { orderId } = await renew(test, old.id, { csr: makeCsr('WWW.example.com', key), submit: true })
    assert.equal((await load(test, orderId)).key_algorithm, 'ECC_384')
    await issuePlaced(test, orderId)
    const described = await describeOrder(test.services, orderId, contextOf(test.caller))
    assert(described.stage === 'issued')
    assert.equal(described.privateKeyPem, undefined)
    assert.deepEqual(
      new X509Certificate(described.certificatePem).publicKey.export({ format: 'der', type: 'spki' }),
      Buffer.from(key.spkiDer),
    )
    assert.equal(await outcome(renew(test, orderId, { csr: makeCsr('www.example.com', key) })), 'orderStateError')
  })

  onBothEngines('begins 30 days before the end and not after it', async (test) => {
    const old = await issueRenewable(test)
    const { not_after } = await test.services.db.read.selectFrom('certificates').select('not_after').executeTakeFirstOrThrow()
    for (const [now, expected] of [
      [not_after - 30 * dayMs - 1, 'orderStateError'],
      [not_after + 1_000, 'orderStateError'],
      // The last second belongs to the validity.
      [not_after + 999, 'done'],
    ] as const) {
      test.clock.now = now
      assert.equal(await outcome(renew(test, old.id)), expected)
    }
  })

  onBothEngines('is refused if the product has another level by now: nobody reviewed it for that', async (test) => {
    const old = await issueRenewable(test)
    await writeDirectly(test, `update orders set level = 'OV' where id = ${old.id}`)
    await assert.rejects(renew(test, old.id), /its product is DV by now/)
  })

  onBothEngines('is refused for free products, without quota, and of what is not issued', async (test) => {
    const free = await issueOne(test)
    test.clock.now = start + 70 * dayMs
    assert.equal(await outcome(renew(test, free.id)), 'orderStateError')
    test.clock.now = start
    const old = await issueRenewable(test)
    test.clock.now = aboutToExpire
    await writeDirectly(test, `update plans set total = used where product_code = '${paid}'`)
    assert.equal(await outcome(renew(test, old.id)), 'notRemainCount')
    await writeDirectly(test, `update orders set state = 'revoked' where id = ${old.id}`)
    assert.equal(await outcome(renew(test, old.id)), 'orderStateError')
  })

  onBothEngines('with one token is one renewal, also after the tags of the order changed', async (test) => {
    const old = await issueRenewable(test, { tags: [{ key: 'team', value: 'web' }] })
    const first = await renew(test, old.id, { clientToken: 'one' })
    await writeDirectly(test, `update tags set value = 'ops'`)
    assert.deepEqual(await renew(test, old.id, { clientToken: 'one' }), first)
    assert.equal(await outcome(renew(test, old.id, { clientToken: 'one', submit: true })), 'idempotentParameterMismatch')
  })
})
