import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { buyPlan, type PlanPurchase } from '../../src/plans/buy-plan.ts'
import { sumPlans } from '../../src/storage/plans.ts'
import { contextOf } from '../support/context.ts'
import { dayMs, onBothEngines, start, type TestServices } from '../orders/open-test-services.ts'

const code = 'geotrust-dv-1-starter'

function purchase(test: TestServices, changes: Partial<PlanPurchase> = {}): PlanPurchase {
  return {
    context: contextOf(test.caller, { action: 'PurchasePackage' }),
    productCode: code,
    units: 3,
    clientToken: undefined,
    ...changes,
  }
}

void describe('a purchase', () => {
  onBothEngines('makes a plan that is valid for the term of the product', async (test) => {
    const { planId } = await buyPlan(test.services, purchase(test))
    const { db } = test.services
    const plan = await db.read.selectFrom('plans').selectAll().where('id', '=', planId).executeTakeFirstOrThrow()
    const term = { valid_from: start, valid_until: start + 365 * dayMs, created_at: start }
    assert.deepEqual(
      { ...plan },
      { id: planId, account_id: test.caller.accountId, product_code: code, total: 3, used: 0, issued: 0, revocation_refunds: 0, ...term },
    )
    const end = start + 365 * dayMs
    assert.deepEqual(await sumPlans(db.read, test.caller.accountId, code, end - 1), { total: 3, used: 0, issued: 0 })
    assert.deepEqual(await sumPlans(db.read, test.caller.accountId, code, end), { total: 0, used: 0, issued: 0 })
  })

  onBothEngines('writes its grant and an event that names the caller', async (test) => {
    const { planId } = await buyPlan(test.services, purchase(test))
    const { read } = test.services.db
    const line = await read.selectFrom('ledger_entries').selectAll().where('plan_id', '=', planId).executeTakeFirstOrThrow()
    assert.deepEqual([line.kind, line.units, line.order_id, line.at], ['grant', 3, null, start])
    const event = await read.selectFrom('events').selectAll().where('kind', '=', 'plan.bought').executeTakeFirstOrThrow()
    assert.deepEqual([event.principal, event.source_ip, event.request_id], [test.caller.principal, '127.0.0.1', 'A-REQUEST'])
    assert.deepEqual(JSON.parse(event.detail), { planId, units: 3 })
  })

  onBothEngines('with one token happens once, and the same token with another count is refused', async (test) => {
    const asked = purchase(test, { clientToken: 'once' })
    const plans = await Promise.all(Array.from({ length: 8 }, () => buyPlan(test.services, asked)))
    assert.equal(new Set(plans.map(({ planId }) => planId)).size, 1)
    assert.equal((await sumPlans(test.services.db.read, test.caller.accountId, code, start)).total, 3)
    const other = buyPlan(test.services, purchase(test, { clientToken: 'once', units: 4 }))
    await assert.rejects(other, { problem: 'idempotentParameterMismatch' })
  })

  onBothEngines('of no product, or of no whole number from 1 to a million, is refused', async (test) => {
    for (const units of [0, -1, 1.5, 1_000_001, NaN]) {
      await assert.rejects(buyPlan(test.services, purchase(test, { units })), { problem: 'invalidParameter', message: /"Count"/ })
    }
    await assert.rejects(buyPlan(test.services, purchase(test, { productCode: 'none' })), { problem: 'invalidParameter' })
  })
})
