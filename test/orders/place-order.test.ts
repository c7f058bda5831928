import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { placeOrder } from '../../src/orders/place-order.ts'
import { Problem } from '../../src/problem.ts'
import { auditPlans } from '../../src/plans/audit-plans.ts'
import { findInstance } from '../../src/storage/orders.ts'
import { addPlan, dayMs, load, onBothEngines, place, request, start, type TestServices, writeDirectly } from './open-test-services.ts'
import { originOf } from '../../src/storage/events.ts'
import { contextOf } from '../support/context.ts'

const problemOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
  } catch (error) {
    if (error instanceof Problem) return error.problem
    throw error
  }
  return 'accepted'
}

async function planOf(test: TestServices, orderId: number): Promise<number | undefined> {
  return (await findInstance(test.services.db.read, (await load(test, orderId)).instance_id))?.plan_id
}

async function starterPlan({ services }: TestServices): Promise<number> {
  return (await services.db.read.selectFrom('plans').select('id').orderBy('id').executeTakeFirstOrThrow()).id
}

/** Rows of every table that an order writes to. */
async function countRows({ services: { db } }: TestServices): Promise<Record<string, number>> {
  const tables = [
    'orders',
    'instances',
    'authorizations',
    'order_authorizations',
    'ledger_entries',
    'tags',
    'events',
    'client_tokens',
  ] as const
  const counts: Record<string, number> = {}
  for (const table of tables) counts[table] = (await db.read.selectFrom(table).selectAll().execute()).length
  return counts
}

void describe('an order', () => {
  onBothEngines('takes its unit from the plan that ends first, whenever it was bought', async (test) => {
    const later = await addPlan(test, { units: 5, validUntil: start + 300 * dayMs })
    const sooner = await addPlan(test, { units: 2, validUntil: start + 10 * dayMs })
    const plans: (number | undefined)[] = []
    for (let count = 0; count < 3; count++) plans.push(await planOf(test, (await place(test)).id))
    assert.deepEqual(plans, [sooner, sooner, later])
  })

  onBothEngines('takes nothing from a plan that has ended', async (test) => {
    const ended = await addPlan(test, { units: 5, validUntil: start })
    assert.equal(await planOf(test, (await place(test)).id), await starterPlan(test))
    const { used } = await test.services.db.read.selectFrom('plans').select('used').where('id', '=', ended).executeTakeFirstOrThrow()
    assert.equal(used, 0)
  })

  onBothEngines('is refused in the write when its plan has ended or is empty, and leaves nothing', async (test) => {
    const order = await place(test)
    const before = await countRows(test)
    const input = await writeInput(test, order.instance_id)
    assert.equal(await problemOf(test.services.db.write.placeOrder({ ...input, now: start + 366 * dayMs })), 'planExhausted')
    const full = await addPlan(test, { units: 1, validUntil: start + dayMs })
    await test.services.db.write.placeOrder({ ...input, planId: full })
    const again = { ...(await writeInput(test, order.instance_id)), planId: full }
    assert.equal(await problemOf(test.services.db.write.placeOrder(again)), 'planExhausted')
    const after = await countRows(test)
    assert.equal(after['orders'], (before['orders'] ?? 0) + 1)
    // One reserve of the accepted order and the grant of the new plan.
    assert.equal(after['ledger_entries'], (before['ledger_entries'] ?? 0) + 2)
  })

  onBothEngines('tries the next plan when a race empties the first, and never sells a unit twice', async (test) => {
    await addPlan(test, { units: 3, validUntil: start + dayMs })
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => placeOrder(test.services, request(test))))
    const refusals = results.flatMap((result) => (result.status === 'rejected' ? [(result.reason as Problem).problem] : []))
    // 20 of the starter plan and 3 of the small one.
    assert.equal(results.length - refusals.length, 23)
    assert.deepEqual(new Set(refusals), new Set(['notRemainCount']))
    const audit = await auditPlans(test.services.db.read)
    assert.deepEqual({ differences: audit.differences, orders: audit.orders }, { differences: [], orders: [] })
  })

  onBothEngines('tells a product that was never bought from one that is used up', async (test) => {
    assert.equal(await problemOf(place(test, { productCode: 'geotrust-dv-1-starter' })), 'notFoundPackage')
    await addPlan(test, { units: 1, validUntil: start + dayMs, productCode: 'geotrust-dv-1-starter' })
    await place(test, { productCode: 'geotrust-dv-1-starter' })
    assert.equal(await problemOf(place(test, { productCode: 'geotrust-dv-1-starter' })), 'notRemainCount')
  })

  for (const [title, statement] of [
    ['a suspended account', `update accounts set status = 'suspended'`],
    ['an inactive key', `update access_keys set status = 'Inactive'`],
  ] as const) {
    onBothEngines(`of ${title} is refused in the write itself, and so is its purchase`, async (test) => {
      await writeDirectly(test, statement)
      const before = await countRows(test)
      assert.equal(await problemOf(place(test)), 'callerInactive')
      assert.equal(await problemOf(addPlan(test, { units: 1, validUntil: start + dayMs })), 'callerInactive')
      assert.deepEqual(await countRows(test), before)
    })
  }

  onBothEngines('with one token is placed once, however many ask at once', async (test) => {
    const orders = await Promise.all(Array.from({ length: 8 }, () => placeOrder(test.services, request(test, { clientToken: 'one' }))))
    assert.equal(new Set(orders.map(({ orderId }) => orderId)).size, 1)
    assert.equal((await countRows(test))['orders'], 1)
    assert.equal((await placeOrder(test.services, request(test, { clientToken: 'one' }))).orderId, orders[0]?.orderId)
    assert.equal(await problemOf(place(test, { clientToken: 'one', domain: 'other.example.com' })), 'idempotentParameterMismatch')
  })

  onBothEngines('with one token is one answer also when it takes the last unit', async (test) => {
    await addPlan(test, { units: 1, validUntil: start + dayMs, productCode: 'geotrust-dv-1-starter' })
    const asked = request(test, { clientToken: 'last', productCode: 'geotrust-dv-1-starter' })
    const orders = await Promise.all(Array.from({ length: 8 }, () => placeOrder(test.services, asked)))
    assert.equal(new Set(orders.map(({ orderId }) => orderId)).size, 1)
  })

  onBothEngines('with a token of over 24 hours ago is another order', async (test) => {
    const first = await place(test, { clientToken: 'old' })
    test.clock.now += dayMs - 1
    assert.equal((await place(test, { clientToken: 'old' })).id, first.id)
    test.clock.now += 1
    assert.notEqual((await place(test, { clientToken: 'old' })).id, first.id)
  })

  onBothEngines('that is refused stores no token, so that it may be asked for again', async (test) => {
    assert.equal(await problemOf(place(test, { clientToken: 'again', productCode: 'geotrust-dv-1-starter' })), 'notFoundPackage')
    await addPlan(test, { units: 1, validUntil: start + dayMs, productCode: 'geotrust-dv-1-starter' })
    assert.equal((await place(test, { clientToken: 'again', productCode: 'geotrust-dv-1-starter' })).state, 'validating')
  })

  onBothEngines(
    'of a product that forbids keys in custody is refused',
    async (test) => {
      await addPlan(test, { units: 1, validUntil: start + dayMs, productCode: 'own-dv-1' })
      assert.equal(await problemOf(place(test, { productCode: 'own-dv-1' })), 'invalidParameter')
    },
    { CHANCERY_PRODUCTS_FILE: `${import.meta.dirname}/product-without-custody.json` },
  )
})

/** What the write takes for one more order like an earlier one. */
async function writeInput(
  test: TestServices,
  instanceId: number,
): Promise<Parameters<TestServices['services']['db']['write']['placeOrder']>[0]> {
  const { db } = test.services
  const planId = (await findInstance(db.read, instanceId))?.plan_id ?? assert.fail('no plan')
  return {
    orderId: await db.nextId('orders'),
    instanceId: await db.nextId('instances'),
    authorizations: [{ id: await db.nextId('authorizations'), identifier: 'www.example.com', token: 'token' }],
    units: 1,
    acme: null,
    ledgerEntryId: await db.nextId('ledger_entries'),
    eventId: await db.nextId('events'),
    planId,
    caller: test.caller,
    origin: originOf(contextOf(test.caller)),
    appliedBy: `account/${test.caller.accountId}`,
    productCode: 'digicert-free-1-free',
    level: 'DV',
    names: ['www.example.com'],
    method: 'DNS',
    csr: null,
    csrSpkiSha256: null,
    organization: null,
    renewal: null,
    resourceGroup: null,
    state: 'validating',
    keyAlgorithm: 'ECC_256',
    applicant: '{}',
    tags: [{ key: 'a', value: 'b' }],
    now: start,
    runAt: start,
    validationEndsAt: start + dayMs,
    instanceEndsAt: start + dayMs,
    token: null,
  }
}
