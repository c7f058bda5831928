import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { auditPlans } from '../../src/plans/audit-plans.ts'
import { cancelOrder } from '../../src/orders/cancel-order.ts'
import { deleteOrder } from '../../src/orders/delete-order.ts'
import { withdrawOrder } from '../../src/orders/withdraw-order.ts'
import { contextOf } from '../support/context.ts'
import {
  addPlan,
  dayMs,
  load,
  onBothEngines,
  place,
  proven,
  start,
  type TestServices,
  writeDirectly,
} from '../orders/open-test-services.ts'

void describe('the audit of plans', () => {
  onBothEngines('agrees with what the service wrote: granted, reserved, issued', async (test) => {
    const { issued } = await fill(test)
    const audit = await auditPlans(test.services.db.read)
    assert.deepEqual(audit, { plans: 2, lines: 5, differences: [], orders: [] })
    assert.equal((await load(test, issued)).state, 'issued')
  })

  for (const [counter, told, ledger] of [
    ['total', 21, 20],
    ['used', 1, 2],
    ['issued', 0, 1],
  ] as const) {
    onBothEngines(`finds a plan whose ${counter} differs from its lines`, async (test) => {
      await fill(test)
      await writeDirectly(test, `update plans set ${counter} = ${told} where product_code = 'digicert-free-1-free'`)
      const { differences, orders } = await auditPlans(test.services.db.read)
      assert.equal(differences.length, 1)
      assert.equal(differences[0]?.counters[counter], told)
      assert.equal(differences[0]?.ledger[counter], ledger)
      assert.deepEqual(orders, [])
    })
  }

  onBothEngines('finds a plan without any line', async (test) => {
    await writeDirectly(
      test,
      `delete from ledger_entries where plan_id = (select id from plans where product_code = 'digicert-free-1-free')`,
    )
    const { differences } = await auditPlans(test.services.db.read)
    assert.deepEqual(
      differences.map(({ ledger }) => ledger),
      [{ total: 0, used: 0, issued: 0, revocationRefunds: 0 }],
    )
  })

  onBothEngines('finds an order for which no unit is reserved', async (test) => {
    const { open } = await fill(test)
    await writeDirectly(test, `update ledger_entries set order_id = order_id + 1000 where kind = 'reserve' and order_id = ${open}`)
    assert.deepEqual((await auditPlans(test.services.db.read)).orders, [{ orderId: open, fault: 'no unit is reserved for it' }])
  })

  onBothEngines('finds an issued order whose unit is not committed', async (test) => {
    const { issued } = await fill(test)
    await writeDirectly(test, `update ledger_entries set order_id = order_id + 1000 where kind = 'commit'`)
    const { orders } = await auditPlans(test.services.db.read)
    assert.deepEqual(orders, [{ orderId: issued, fault: 'it is issued, but its unit is not committed' }])
  })

  onBothEngines('finds an issued order without its certificate', async (test) => {
    const { issued } = await fill(test)
    await writeDirectly(test, 'update certificates set order_id = null')
    assert.deepEqual((await auditPlans(test.services.db.read)).orders, [{ orderId: issued, fault: 'it has no certificate' }])
  })

  onBothEngines('finds an issued order without its intent', async (test) => {
    const { issued } = await fill(test)
    await writeDirectly(test, 'update issuance_intents set order_id = null')
    assert.deepEqual((await auditPlans(test.services.db.read)).orders, [{ orderId: issued, fault: 'it has no intent' }])
  })

  onBothEngines('finds a committed unit of an order that is not issued', async (test) => {
    const { issued } = await fill(test)
    await writeDirectly(test, `update orders set state = 'failed' where id = ${issued}`)
    const { orders } = await auditPlans(test.services.db.read)
    assert.deepEqual(orders, [{ orderId: issued, fault: 'its unit is committed, but it is not issued' }])
  })

  onBothEngines('agrees with units that went back: of a deleted order, a revoked one, and of plans that ended', async (test) => {
    const { deleted, revoked } = await fillWithRefunds(test)
    assert.deepEqual(await auditPlans(test.services.db.read), { plans: 2, lines: 7, differences: [], orders: [] })
    assert.deepEqual([(await load(test, deleted)).state, (await load(test, revoked)).state], ['deleted', 'revoked'])
    const ending = await withdrawn(test)
    test.clock.now += 366 * dayMs
    await deleteOrder(test.services, contextOf(test.caller), ending.id)
    const { differences, orders } = await auditPlans(test.services.db.read)
    assert.deepEqual({ differences, orders }, { differences: [], orders: [] })
  })

  onBothEngines('finds refunds after issue that are counted wrongly', async (test) => {
    await fillWithRefunds(test)
    await writeDirectly(test, `update plans set revocation_refunds = 2 where product_code = 'digicert-free-1-free'`)
    const { differences } = await auditPlans(test.services.db.read)
    assert.deepEqual(
      differences.map(({ counters, ledger }) => [counters.revocationRefunds, ledger.revocationRefunds]),
      [[2, 1]],
    )
  })

  for (const [title, change, fault] of [
    [
      'a deleted order whose unit did not go back',
      (id: number) => `delete from ledger_entries where kind = 'refund' and order_id = ${id}`,
      'it is deleted, but its unit was not given back',
    ],
    [
      'a unit that went back from an order that lives',
      (id: number) => `update orders set state = 'withdrawn' where id = ${id}`,
      'its unit was given back, but it is neither deleted nor revoked',
    ],
    [
      'a unit that expired without going back',
      (id: number) =>
        `update ledger_entries set kind = 'expire', idempotency_key = 'expire:${id}' where kind = 'refund' and order_id = ${id}`,
      'its unit expired without being given back',
    ],
  ] as const) {
    onBothEngines(`finds ${title}`, async (test) => {
      const { deleted } = await fillWithRefunds(test)
      await writeDirectly(test, change(deleted))
      const { orders } = await auditPlans(test.services.db.read)
      assert.ok(
        orders.some((one) => one.orderId === deleted && one.fault === fault),
        JSON.stringify(orders),
      )
    })
  }

  onBothEngines('finds lines of one order on two plans', async (test) => {
    const { deleted } = await fillWithRefunds(test)
    const other = await addPlan(test, longPlan)
    await writeDirectly(test, `update ledger_entries set plan_id = ${other} where kind = 'refund' and order_id = ${deleted}`)
    const { differences, orders } = await auditPlans(test.services.db.read)
    assert.equal(differences.length, 2)
    assert.deepEqual(orders, [{ orderId: deleted, fault: 'its ledger lines belong to different plans' }])
  })
})

const longPlan = { units: 5, validUntil: start + 1_000 * dayMs }

async function withdrawn(test: TestServices): Promise<{ id: number }> {
  const order = await place(test)
  await withdrawOrder(test.services, contextOf(test.caller), order.id)
  return order
}

/** A deleted order and a revoked one, whose units went back to the one plan. */
async function fillWithRefunds(test: TestServices): Promise<{ deleted: number; revoked: number }> {
  const { issued: revoked } = await fill(test, 0)
  await cancelOrder(test.services, contextOf(test.caller), revoked)
  const { id: deleted } = await withdrawn(test)
  await deleteOrder(test.services, contextOf(test.caller), deleted)
  return { deleted, revoked }
}

/** One open order and one that is issued, of one plan of 20. */
async function fill(test: TestServices, openOrders: 0 | 1 = 1): Promise<{ open: number; issued: number }> {
  const open = openOrders === 1 ? await place(test) : { id: 0 }
  const issued = await place(test, { domain: 'issued.example.com' })
  test.world.look = () => Promise.resolve(proven)
  await test.services.advancer.advance(issued.id, AbortSignal.timeout(10_000))
  return { open: open.id, issued: issued.id }
}
