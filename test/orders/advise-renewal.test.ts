import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { explainOrder } from '../../src/orders/explain-order.ts'
import { renewOrder } from '../../src/orders/renew-order.ts'
import { submitOrder } from '../../src/orders/submit-order.ts'
import { contextOf } from '../support/context.ts'
import { issueOne, issuePlaced, paid } from './life-of-orders.ts'
import { addPlan, dayMs, onBothEngines, start, type TestServices } from './open-test-services.ts'

async function advice(test: TestServices, orderId: number): Promise<string> {
  return (await explainOrder(test.services, { caller: test.caller }, orderId)).advice.join()
}

async function endOf(test: TestServices): Promise<number> {
  const { not_after } = await test.services.db.read.selectFrom('certificates').select('not_after').executeTakeFirstOrThrow()
  return not_after
}

void describe('the advice on an issued order', () => {
  onBothEngines('is to renew it in its last 30 days, then to go on with the renewal, and nothing once that is done', async (test) => {
    await addPlan(test, { units: 2, validUntil: start + 300 * dayMs, productCode: paid })
    const { id } = await issueOne(test, { productCode: paid })
    const end = await endOf(test)
    test.clock.now = end - 30 * dayMs - 1
    assert.match(await advice(test, id), /^Nothing: the certificate is issued\. It can be renewed from /)
    test.clock.now = end - 30 * dayMs
    assert.match(await advice(test, id), /ends at [-0-9]+T[:.0-9]+Z: renew it now with RenewCertificateOrderForPackageRequest/)
    const context = contextOf(test.caller)
    const renewal = { context, orderId: id, csr: undefined, tags: [], submit: false, clientToken: undefined }
    const { orderId } = await renewOrder(test.services, renewal)
    assert.match(await advice(test, id), new RegExp(`SubmitOrder of ${orderId} applies`))
    await submitOrder(test.services, context, orderId)
    assert.match(await advice(test, id), new RegExp(`order ${orderId} renews it: ExplainOrder of ${orderId}`))
    await issuePlaced(test, orderId)
    assert.equal(await advice(test, id), `Nothing: order ${orderId} has renewed the certificate.`)
    const { timeline } = await explainOrder(test.services, { caller: test.caller }, orderId)
    assert.equal(timeline[0]?.what, `The order was placed, to renew order ${id}.`)
  })

  onBothEngines('is to order anew once it has expired', async (test) => {
    await addPlan(test, { units: 1, validUntil: start + 300 * dayMs, productCode: paid })
    const { id } = await issueOne(test, { productCode: paid })
    test.clock.now = (await endOf(test)) + 1_000
    assert.match(await advice(test, id), /expired at .* is not renewed: place a new order/)
  })

  onBothEngines('is to order a free one anew before it ends', async (test) => {
    const { id } = await issueOne(test)
    const end = await endOf(test)
    assert.match(await advice(test, id), /^Nothing: the certificate is issued\. It needs a new order in its place from /)
    test.clock.now = end
    assert.match(await advice(test, id), /ends at .* are not renewed: place a new order now/)
  })
})
