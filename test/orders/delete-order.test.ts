import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { cancelOrder } from '../../src/orders/cancel-order.ts'
import { deleteOrder } from '../../src/orders/delete-order.ts'
import { withdrawOrder } from '../../src/orders/withdraw-order.ts'
import { contextOf } from '../support/context.ts'
import { assertAgrees, countersOf, issueOne, linesOf, outcome, outcomes, paid } from './life-of-orders.ts'
import { addPlan, dayMs, load, onBothEngines, place, start, type TestServices, writeDirectly } from './open-test-services.ts'

const withdraw = (test: TestServices, orderId: number) => withdrawOrder(test.services, contextOf(test.caller), orderId)
const remove = (test: TestServices, orderId: number) => deleteOrder(test.services, contextOf(test.caller), orderId)
const cancel = (test: TestServices, orderId: number) => cancelOrder(test.services, contextOf(test.caller), orderId)

void describe('a deleted order', () => {
  for (const state of ['withdrawn', 'failed', 'draft'] as const) {
    onBothEngines(`that was ${state} gives its unit back, and does not exist any more`, async (test) => {
      const { id } = await place(test)
      await writeDirectly(test, `update orders set state = '${state}', run_at = null where id = ${id}`)
      await remove(test, id)
      assert.deepEqual(await countersOf(test, id), { total: 20, used: 0, issued: 0 })
      assert.deepEqual(await linesOf(test, id), ['reserve', 'refund'])
      assert.equal(await outcome(remove(test, id)), 'notFoundOrder')
      assert.equal(await outcome(cancel(test, id)), 'notFoundOrder')
      await assertAgrees(test)
    })
  }

  onBothEngines('was deleted once, however many asked at once', async (test) => {
    const { id } = await place(test)
    await withdraw(test, id)
    assert.deepEqual(await outcomes(remove(test, id), remove(test, id), cancel(test, id), remove(test, id)), [
      'done',
      'notFoundOrder',
      'notFoundOrder',
      'notFoundOrder',
    ])
    assert.deepEqual(await linesOf(test, id), ['reserve', 'refund'])
    await assertAgrees(test)
  })

  onBothEngines('gives nothing to a plan that has ended: the unit expires with it', async (test) => {
    const { id } = await place(test)
    await withdraw(test, id)
    test.clock.now = start + 366 * dayMs
    await remove(test, id)
    assert.deepEqual(await linesOf(test, id), ['reserve', 'refund', 'expire'])
    assert.deepEqual(await countersOf(test, id), { total: 19, used: 0, issued: 0 })
    await assertAgrees(test)
  })

  onBothEngines('goes back to an ended plan whose revocations are used up', async (test) => {
    await addPlan(test, { units: 2, validUntil: start + 20 * dayMs, productCode: paid })
    for (let round = 0; round < 2; round++) await cancel(test, (await issueOne(test, { productCode: paid })).id)
    const open = [await place(test, { productCode: paid }), await place(test, { productCode: paid })]
    for (const { id } of open) await withdraw(test, id)
    test.clock.now = start + 21 * dayMs
    for (const { id } of open) await remove(test, id)
    assert.deepEqual(await countersOf(test, open[0]?.id ?? 0), { total: 0, used: 0, issued: 2 })
    await assertAgrees(test)
  })

  onBothEngines('frees the key of its CSR and its place as a renewal', async (test) => {
    const { id } = await place(test)
    await writeDirectly(test, `update orders set csr_spki_sha256 = 'ab', renews_order_id = 1 where id = ${id}`)
    await withdraw(test, id)
    await remove(test, id)
    const next = await place(test)
    await writeDirectly(test, `update orders set csr_spki_sha256 = 'ab', renews_order_id = 1 where id = ${next.id}`)
    assert.equal((await load(test, next.id)).csr_spki_sha256, 'ab')
  })
})

void describe('deleting', () => {
  onBothEngines('is refused while an order awaits proof or review, and for good once it is issued', async (test) => {
    const { id } = await place(test)
    for (const state of ['validating', 'ready', 'reviewing', 'issuing'] as const) {
      await writeDirectly(test, `update orders set state = '${state}', run_at = null where id = ${id}`)
      assert.equal(await outcome(remove(test, id)), 'orderStateError', state)
      assert.equal(await outcome(cancel(test, id)), 'orderStateError', state)
    }
    const issued = await issueOne(test)
    assert.equal(await outcome(remove(test, issued.id)), 'orderStateError')
    await cancel(test, issued.id)
    assert.equal(await outcome(remove(test, issued.id)), 'orderStateError')
    await writeDirectly(test, `update orders set state = 'failed', run_at = null where id = ${id}`)
    assert.equal(await outcome(cancel(test, id)), 'orderStateError')
    await assertAgrees(test)
  })

  onBothEngines('is refused to a key that was switched off meanwhile, and changes nothing', async (test) => {
    const { id } = await place(test)
    await withdraw(test, id)
    await writeDirectly(test, `update access_keys set status = 'Inactive'`)
    assert.equal(await outcome(remove(test, id)), 'callerInactive')
    assert.deepEqual(await countersOf(test, id), { total: 20, used: 1, issued: 0 })
    await assertAgrees(test)
  })
})
