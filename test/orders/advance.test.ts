import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAdvancer } from '../../src/orders/advance.ts'
import type { ProofAttempt } from '../../src/validation/proof.ts'
import { load, notProven, onBothEngines, place, proven, start, type TestServices, writeDirectly } from './open-test-services.ts'

const soon = (): AbortSignal => AbortSignal.timeout(10_000)

/** A look at the world that answers when it is let go. */
function held(test: TestServices, result: ProofAttempt): { begun: Promise<void>; letGo: () => void } {
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  test.world.look = async (_, signal) => {
    begun.resolve()
    await Promise.race([
      gate.promise,
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    ])
    return result
  }
  return { begun: begun.promise, letGo: () => gate.resolve() }
}

async function countOf(
  { services }: TestServices,
  table: 'keys' | 'certificates' | 'issuance_intents' | 'validation_attempts',
): Promise<number> {
  return (await services.db.read.selectFrom(table).selectAll().execute()).length
}

void describe('an order that is moved on', () => {
  onBothEngines('goes from proof to certificate in one run', async (test) => {
    const order = await place(test)
    test.world.look = () => Promise.resolve(proven)
    await test.services.advancer.advance(order.id, soon())
    const after = await load(test, order.id)
    assert.deepEqual([after.state, after.rev, after.run_at, after.attempts], ['issued', 2, null, 1])
    assert.deepEqual(test.faults, [])
  })

  onBothEngines('is looked at once, however many move it at the same time', async (test) => {
    const order = await place(test)
    const { begun, letGo } = held(test, proven)
    const runs: Promise<unknown>[] = Array.from({ length: 5 }, () => test.services.advancer.advance(order.id, soon()))
    await begun
    runs.push(test.services.advancer.nudge(await load(test, order.id), 10_000))
    letGo()
    await Promise.all(runs)
    assert.equal(test.world.looks, 1)
    assert.deepEqual([await countOf(test, 'validation_attempts'), await countOf(test, 'certificates')], [1, 1])
  })

  onBothEngines('by two processes at once keeps the first result, and the loser leaves no key, signature or attempt', async (test) => {
    const order = await place(test)
    test.world.look = () => Promise.resolve(proven)
    // Another process is another advancer on the same database.
    const others = Array.from({ length: 4 }, () => createAdvancer(test.services))
    await writeDirectly(test, `update orders set state = 'ready', rev = 7 where id = ${order.id}`)
    await Promise.all(others.map((other) => other.advance(order.id, soon())))
    for (const table of ['keys', 'certificates', 'issuance_intents'] as const) assert.equal(await countOf(test, table), 1, table)
    assert.equal((await load(test, order.id)).rev, 8)
    const { issued } = await test.services.db.read
      .selectFrom('plans')
      .select('issued')
      .where('product_code', '=', order.product_code)
      .executeTakeFirstOrThrow()
    assert.equal(issued, 1)
    assert.deepEqual(test.faults, [], 'losing a race is no fault')
  })

  onBothEngines('whose look was overtaken drops what it saw', async (test) => {
    const order = await place(test)
    const { begun, letGo } = held(test, proven)
    const run = test.services.advancer.advance(order.id, soon())
    await begun
    await writeDirectly(test, `update orders set rev = rev + 1 where id = ${order.id}`)
    letGo()
    await run
    const after = await load(test, order.id)
    assert.deepEqual([after.state, after.attempts, after.rev], ['validating', 0, 1])
    assert.equal(await countOf(test, 'validation_attempts'), 0)
    assert.deepEqual(test.faults, [])
  })

  onBothEngines('into a fault of ours is logged and due again half a minute later', async (test) => {
    const order = await place(test)
    test.world.look = () => Promise.reject(new Error('a fault of ours'))
    await test.services.advancer.advance(order.id, soon())
    const after = await load(test, order.id)
    assert.deepEqual([after.state, after.run_at, after.attempts], ['validating', start + 30_000, 0])
    assert.equal(test.faults.length, 1)
    assert.match(test.faults[0] ?? '', /a fault of ours/)
  })

  onBothEngines('and aborted stays due as it was, without a word in the log', async (test) => {
    const order = await place(test)
    const { begun } = held(test, proven)
    const abort = new AbortController()
    const run = test.services.advancer.advance(order.id, abort.signal)
    await begun
    abort.abort()
    await run
    assert.deepEqual(await load(test, order.id), order)
    assert.deepEqual(test.faults, [])
  })

  onBothEngines('is aborted and waited for at a stop', async (test) => {
    const order = await place(test)
    const { begun } = held(test, proven)
    const advancer = createAdvancer(test.services)
    let ended = false
    void advancer.advance(order.id, soon()).then(() => (ended = true))
    await begun
    await advancer.stop()
    assert.equal(ended, true)
    assert.deepEqual(await load(test, order.id), order)
  })

  onBothEngines('too soon after an attempt waits for the spacing instead of looking', async (test) => {
    const order = await place(test)
    await test.services.advancer.advance(order.id, soon())
    test.clock.now += 999
    await test.services.advancer.advance(order.id, soon())
    assert.equal(test.world.looks, 1)
    assert.equal((await load(test, order.id)).run_at, start + 1_000)
    test.clock.now += 1
    await test.services.advancer.advance(order.id, soon())
    assert.equal(test.world.looks, 2)
  })
})

void describe('a nudge', () => {
  onBothEngines('looks before the back-off ends, but not before the spacing of attempts allows', async (test) => {
    const order = await place(test)
    assert(order.run_at !== null && order.run_at > test.clock.now)
    const { advancer } = test.services
    await advancer.nudge(order, 10_000)
    assert.equal(test.world.looks, 1)
    test.clock.now += 999
    await advancer.nudge(await load(test, order.id), 10_000)
    assert.equal(test.world.looks, 1)
    test.clock.now += 1
    await advancer.nudge(await load(test, order.id), 10_000)
    assert.equal(test.world.looks, 2)
  })

  onBothEngines('waits no longer than its patience and leaves the rest to go on', async (test) => {
    const order = await place(test)
    const { begun, letGo } = held(test, proven)
    await test.services.advancer.nudge(order, 20)
    await begun
    assert.equal((await load(test, order.id)).state, 'validating')
    letGo()
    for (let tries = 0; tries < 500 && (await load(test, order.id)).state !== 'issued'; tries++) await sleep(5)
    assert.equal((await load(test, order.id)).state, 'issued')
  })

  onBothEngines('of an order whose certificate met a fault waits like the runner', async (test) => {
    const order = await place(test)
    await writeDirectly(test, `update orders set state = 'ready', product_code = 'gone', run_at = ${start} where id = ${order.id}`)
    const { advancer } = test.services
    await advancer.nudge(await load(test, order.id), 10_000)
    assert.equal(test.faults.length, 1)
    await advancer.nudge(await load(test, order.id), 10_000)
    assert.equal(test.faults.length, 1)
    test.clock.now += 30_000
    await advancer.nudge(await load(test, order.id), 10_000)
    assert.equal(test.faults.length, 2)
  })

  onBothEngines('of an order that has ended does nothing', async (test) => {
    const order = await place(test)
    for (const state of ['failed', 'withdrawn', 'draft', 'deleted'] as const)
      await test.services.advancer.nudge({ ...order, state }, 10_000)
    assert.equal(test.world.looks, 0)
    test.world.look = () => Promise.resolve(notProven)
  })
})
