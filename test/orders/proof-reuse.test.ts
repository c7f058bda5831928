import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { actions } from '../../src/actions/index.ts'
import { describeOrder } from '../../src/orders/describe-order.ts'
import { explainOrder } from '../../src/orders/explain-order.ts'
import { renewOrder } from '../../src/orders/renew-order.ts'
import { submitOrder } from '../../src/orders/submit-order.ts'
import { withdrawOrder } from '../../src/orders/withdraw-order.ts'
import { orderWork } from '../../src/runner/order-work.ts'
import { listAuthorizations } from '../../src/storage/orders.ts'
import { company } from '../support/action-recipes.ts'
import { contextOf } from '../support/context.ts'
import { assertAgrees, issueOne, issuePlaced, paid } from './life-of-orders.ts'
import { addPlan, dayMs, load, onBothEngines, place, start, type TestServices } from './open-test-services.ts'

const reuse = { CHANCERY_PROOF_REUSE_DAYS: '200' } as const
const several = { productCode: paid, levels: 'any', names: 'several' } as const

async function runDue({ services }: TestServices): Promise<void> {
  const work = orderWork(services, 'reuse')
  for (const task of await work.take(100)) await task.run(AbortSignal.timeout(20_000))
}

describe('an order of the RPC door for a name that was proven before', () => {
  onBothEngines(
    'is issued at once, without a look',
    async (test) => {
      const first = await issueOne(test)
      const looks = test.world.looks
      test.clock.now += dayMs
      const again = await place(test)
      assert.deepEqual([again.state, again.run_at], ['ready', test.clock.now])
      await runDue(test)
      assert.equal((await load(test, again.id)).state, 'issued')
      // Whoever looks need not wait for the runner.
      const asked = await place(test, { method: 'FILE' })
      const description = await describeOrder(test.services, asked.id, contextOf(test.caller))
      assert.equal(description.stage, 'issued')
      assert.equal(test.world.looks, looks)
      const [own] = await listAuthorizations(test.services.db.read, again.id)
      const [earlier] = await listAuthorizations(test.services.db.read, first.id)
      assert.deepEqual([own?.evidence, own?.validated_at, own?.method], [JSON.stringify({ provenBy: earlier?.id }), start, 'DNS'])
      const { timeline } = await explainOrder(test.services, { caller: test.caller }, again.id)
      assert.ok(timeline.some(({ at, what }) => at === start && /was proven by DNS/.test(what)))
      await assertAgrees(test)
    },
    reuse,
  )

  onBothEngines(
    'proves what is new beside it, and that alone',
    async (test) => {
      await addPlan(test, { units: 9, validUntil: start + 300 * dayMs, productCode: paid })
      await issueOne(test)
      const order = await place(test, { ...several, domain: 'www.example.com,new.example.com' })
      assert.equal(order.state, 'validating')
      const seen: string[] = []
      test.world.look = ({ identifier }) => (seen.push(identifier), Promise.reject(new Error('not now')))
      test.clock.now += 5_000
      await test.services.advancer.advance(order.id, AbortSignal.timeout(20_000))
      assert.deepEqual([seen, test.faults.splice(0).length], [['new.example.com'], 1])
      test.clock.now += 60_000
      await issuePlaced(test, order.id)
      await assertAgrees(test)
    },
    reuse,
  )

  onBothEngines(
    'proves it again if the proof could be too old by the time the rest is proven (BR 4.2.1)',
    async (test) => {
      await addPlan(test, { units: 9, validUntil: start + 300 * dayMs, productCode: paid })
      await issueOne(test)
      // Within the next 30 days 200 days are the limit.
      test.clock.now = Date.UTC(2027, 1, 10)
      const mixed = await place(test, { ...several, domain: 'www.example.com,new.example.com' })
      const proofs = await listAuthorizations(test.services.db.read, mixed.id)
      assert.deepEqual(
        proofs.map(({ validated_at }) => validated_at),
        [start, null],
      )
      // Now the end of these 30 days is behind 2027-03-15.
      test.clock.now = Date.UTC(2027, 2, 5)
      const late = await place(test, { ...several, domain: 'www.example.com,new.example.com' })
      assert.ok((await listAuthorizations(test.services.db.read, late.id)).every(({ validated_at }) => validated_at === null))
      assert.equal((await place(test)).state, 'ready')
      test.clock.now = Date.UTC(2027, 2, 15)
      assert.equal((await place(test)).state, 'validating')
    },
    reuse,
  )

  onBothEngines(
    'is renewed without a proof, and proves all anew where SubmitOrder begins again',
    async (test) => {
      await addPlan(test, { units: 9, validUntil: start + 300 * dayMs, productCode: paid })
      const order = await issueOne(test, { productCode: paid })
      test.clock.now = start + 120 * dayMs
      await issueOne(test)
      test.clock.now = start + 180 * dayMs
      const { orderId } = await renewOrder(test.services, {
        context: contextOf(test.caller),
        orderId: order.id,
        csr: undefined,
        tags: [],
        submit: true,
        clientToken: undefined,
      })
      assert.equal((await load(test, orderId)).state, 'ready')
      await withdrawOrder(test.services, contextOf(test.caller), orderId)
      await submitOrder(test.services, contextOf(test.caller), orderId)
      assert.equal((await load(test, orderId)).state, 'validating')
      const proofs = await listAuthorizations(test.services.db.read, orderId)
      assert.deepEqual([proofs.length, proofs[0]?.validated_at, proofs[0]?.state], [1, null, 'pending'])
      await assertAgrees(test)
    },
    reuse,
  )

  onBothEngines(
    'goes to its reviewers without a look, if a person decides about it',
    async (test) => {
      const productCode = 'symantec-ov-1-personal'
      await addPlan(test, { units: 1, validUntil: start + 300 * dayMs, productCode })
      const createCompany = actions.find(({ name }) => name === 'CreateCompany') ?? assert.fail()
      await createCompany.run(createCompany.input.parse(company), contextOf(test.caller, { action: 'CreateCompany' }), test.services)
      await issueOne(test)
      const looks = test.world.looks
      const { id } = await place(test, { productCode, levels: 'any' })
      await runDue(test)
      assert.deepEqual([(await load(test, id)).state, test.world.looks], ['reviewing', looks])
      await assertAgrees(test)
    },
    reuse,
  )

  onBothEngines('is proven anew where the operator wants that', async (test) => {
    await issueOne(test)
    assert.equal((await place(test)).state, 'validating')
  })
})
