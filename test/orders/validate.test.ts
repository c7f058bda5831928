import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { validateOrder } from '../../src/orders/validate.ts'
import { MOST_ATTEMPTS } from '../../src/orders/order.ts'
import { listAuthorizations, listValidationAttempts } from '../../src/storage/orders.ts'
import { dayMs, load, notProven, onBothEngines, place, proven, start, type TestServices, writeDirectly } from './open-test-services.ts'

async function advance(test: TestServices, orderId: number): Promise<void> {
  await test.services.advancer.advance(orderId, AbortSignal.timeout(10_000))
}

async function events(test: TestServices, orderId: number): Promise<{ kind: string; detail: unknown }[]> {
  const rows = await test.services.db.read
    .selectFrom('events')
    .selectAll()
    .where('resource', '=', `order/${orderId}`)
    .orderBy('id')
    .execute()
  return rows.map(({ kind, detail }) => ({ kind, detail: JSON.parse(detail) as unknown }))
}

void describe('validation', () => {
  onBothEngines('keeps what every attempt saw, and backs off', async (test) => {
    const order = await place(test)
    const seen = [
      { ...notProven, failure: 'nxdomain' as const, message: 'The name does not exist.' },
      { ...notProven, failure: 'wrongValue' as const, message: 'Another value is there.' },
      proven,
    ]
    for (const result of seen) {
      test.world.look = () => Promise.resolve(result)
      await advance(test, order.id)
      if (!result.proven) {
        const { state, attempts, run_at, last_attempt_at } = await load(test, order.id)
        // The chance of these tests is a half: no jitter.
        assert.deepEqual([state, last_attempt_at, run_at], ['validating', test.clock.now, test.clock.now + 1_000 * 2 ** attempts])
        test.clock.now = run_at ?? 0
      }
    }
    const attempts = await listValidationAttempts(test.services.db.read, order.id, 10)
    assert.deepEqual(
      attempts.map(({ outcome, message, at }) => [outcome, message, at]),
      [
        ['proven', 'The record is there.', start + 6_000],
        ['wrongValue', 'Another value is there.', start + 2_000],
        ['nxdomain', 'The name does not exist.', start],
      ],
    )
    for (const { evidence } of attempts) assert.deepEqual(JSON.parse(evidence), { method: 'DNS', queries: [] })
    const [authorization] = await listAuthorizations(test.services.db.read, order.id)
    assert.equal(authorization?.validated_at, start + 6_000)
    assert.deepEqual(JSON.parse(authorization?.evidence ?? ''), proven.evidence)
    const kinds = (await events(test, order.id)).map(({ kind }) => kind)
    assert.deepEqual(kinds, ['order.placed', 'order.proven', 'order.issued'])
  })

  onBothEngines('counts a look that never ends as an attempt, so that spacing and cap hold for it too', async (test) => {
    const order = await place(test)
    test.world.look = (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const goesOn = await validateOrder(test.services, await load(test, order.id), new AbortController().signal, 20)
    assert.equal(goesOn, false)
    const { state, attempts } = await load(test, order.id)
    assert.deepEqual([state, attempts], ['validating', 1])
    const [attempt] = await listValidationAttempts(test.services.db.read, order.id, 10)
    assert.equal(attempt?.outcome, 'timeout')
  })

  onBothEngines('asks for the proof of this very order and account', async (test) => {
    const order = await place(test, { domain: '*.example.com', productCode: 'digicert-free-1-free' }).catch(() => place(test))
    const [authorization] = await listAuthorizations(test.services.db.read, order.id)
    test.world.look = (proof) => {
      const token = authorization?.token
      assert.deepEqual(proof, { method: 'DNS', identifier: order.domain, token, accountId: test.caller.accountId })
      return Promise.resolve(notProven)
    }
    await advance(test, order.id)
    assert.deepEqual(test.faults, [])
    assert.equal(test.world.looks, 1)
  })

  onBothEngines('ends after 30 days: the order fails without another look, and says why', async (test) => {
    const order = await place(test)
    assert.equal(order.validation_ends_at, start + 30 * dayMs)
    test.clock.now = start + 30 * dayMs
    await advance(test, order.id)
    const after = await load(test, order.id)
    assert.deepEqual([after.state, after.run_at, test.world.looks], ['failed', null, 0])
    assert.equal((JSON.parse(after.failure ?? '') as { reason: string }).reason, 'validationExpired')
    assert.deepEqual((await events(test, order.id)).at(-1), { kind: 'order.failed', detail: { reason: 'validationExpired' } })
    const { used } = await test.services.db.read
      .selectFrom('plans')
      .select('used')
      .where('product_code', '=', order.product_code)
      .executeTakeFirstOrThrow()
    assert.equal(used, 1, 'the unit stays reserved until the order is deleted')
  })

  onBothEngines('looks a 200th time and never a 201st', async (test) => {
    const order = await place(test)
    await writeDirectly(test, `update orders set attempts = ${MOST_ATTEMPTS - 1} where id = ${order.id}`)
    await advance(test, order.id)
    assert.deepEqual([(await load(test, order.id)).attempts, test.world.looks], [200, 1])
    test.clock.now += 10_000
    await advance(test, order.id)
    const after = await load(test, order.id)
    assert.deepEqual([after.state, test.world.looks], ['failed', 1])
    assert.equal((JSON.parse(after.failure ?? '') as { reason: string }).reason, 'tooManyAttempts')
  })
})
