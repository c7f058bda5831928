import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { Caller } from '../../src/gateway/caller.ts'
import { cancelOrder } from '../../src/orders/cancel-order.ts'
import { decideReview } from '../../src/orders/decide-review.ts'
import { explainOrder } from '../../src/orders/explain-order.ts'
import { moveResourceGroup } from '../../src/orders/move-resource-group.ts'
import { openReview } from '../../src/orders/review.ts'
import { requiredChecks } from '../../src/orders/review-checks.ts'
import { submitOrder } from '../../src/orders/submit-order.ts'
import { instanceName } from '../../src/orders/wire-names.ts'
import { withdrawOrder } from '../../src/orders/withdraw-order.ts'
import { contextOf } from '../support/context.ts'
import { issueOne, paid } from './life-of-orders.ts'
import {
  addPlan,
  dayMs,
  load,
  notProven,
  onBothEngines,
  place,
  proven,
  start,
  type TestServices,
  writeDirectly,
} from './open-test-services.ts'

const explain = (test: TestServices, orderId: number) => explainOrder(test.services, { caller: test.caller }, orderId)

/** What happened between the placing and now, in words, without ids. */
async function told(test: TestServices, orderId: number): Promise<string[]> {
  return (await explain(test, orderId)).timeline.map(({ what }) => what.replaceAll(/\b[0-9]{4,}\b/g, 'N'))
}

async function resubmit(test: TestServices, orderId: number): Promise<void> {
  test.clock.now += 60_000
  await withdrawOrder(test.services, contextOf(test.caller), orderId)
  test.clock.now += 60_000
  await submitOrder(test.services, contextOf(test.caller), orderId)
  test.clock.now += 60_000
}

async function move(test: TestServices, orderId: number, group: string): Promise<void> {
  const name = instanceName(await load(test, orderId))
  await moveResourceGroup(test.services, contextOf(test.caller), {
    action: 'yundun-cert:MoveResourceGroup',
    type: 'instance',
    name,
    group,
  })
}

void describe('the timeline of an order', () => {
  onBothEngines('tells of every application, and looks keep the names that they were about', async (test) => {
    await addPlan(test, { units: 1, validUntil: start + dayMs, productCode: paid })
    const { id } = await place(test, { productCode: paid, names: 'several', domain: 'a.example.com,b.example.com' })
    test.world.look = ({ identifier }) => Promise.resolve(identifier === 'b.example.com' ? proven : notProven)
    await test.services.advancer.advance(id, AbortSignal.timeout(20_000))
    await resubmit(test, id)
    const { looks } = await explain(test, id)
    assert.deepEqual(looks.map(({ name }) => name).toSorted(), ['a.example.com', 'b.example.com'])
    assert.deepEqual(await told(test, id), [
      'The order was placed.',
      '1 unit reserved from plan N.',
      'Control of b.example.com was proven by DNS.',
      'The application was taken back.',
      'The order was submitted, and proof of control began.',
    ])
  })

  onBothEngines('keeps the decisions of a review that ended with its application', async (test) => {
    const { id } = await place(test)
    const reviewer: Caller = { ...test.caller, identity: { kind: 'user', userId: 1, userName: 'reviewer' } }
    const review = async () => {
      await writeDirectly(test, `update orders set state = 'ready', applied_by = 'user/2' where id = ${id}`)
      await openReview(test.services, await load(test, id), 'EV')
      test.clock.now += 1_000
    }
    await review()
    await decideReview(test.services, contextOf(reviewer), {
      orderId: id,
      decision: 'approve',
      reason: 'Seen at the register.',
      checks: requiredChecks('EV', false).map((name) => ({ name, result: 'passed', source: 'a register' })),
    })
    await resubmit(test, id)
    await review()
    const { timeline, decisions } = await explain(test, id)
    assert.deepEqual(decisions, [])
    assert.deepEqual(
      timeline.map(({ what }) => what).filter((what) => what.includes('review') || what.includes('taken') || what.includes('submitted')),
      [
        'The EV review was opened.',
        'A reviewer approved it: Seen at the register.',
        'The application was taken back.',
        'The order was submitted, and proof of control began.',
        'The EV review was opened.',
      ],
    )
  })

  onBothEngines('says when the order failed, whatever was done with it since', async (test) => {
    const { id } = await place(test)
    test.clock.now += 30 * dayMs
    await test.services.advancer.advance(id, AbortSignal.timeout(20_000))
    const failed = test.clock.now
    test.clock.now += dayMs
    await move(test, id, 'rg-late')
    const { timeline } = await explain(test, id)
    assert.deepEqual(timeline.slice(-2), [
      { at: failed, what: 'Control of the domain was not proven within 30 days of the application.' },
      { at: failed + dayMs, what: 'It was put into the resource group rg-late.' },
    ])
  })

  onBothEngines('tells of revocation and refund', async (test) => {
    const { id } = await issueOne(test)
    test.clock.now += dayMs
    await cancelOrder(test.services, contextOf(test.caller), id)
    assert.deepEqual((await told(test, id)).slice(-2), ['1 unit given back to plan N.', 'Certificate N was revoked: unspecified.'])
  })
})
