import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { placeOrder } from '../../src/orders/place-order.ts'
import { buyPlan } from '../../src/plans/buy-plan.ts'
import { orderWork } from '../../src/runner/order-work.ts'
import type { Advancer } from '../../src/orders/advancer.ts'
import { type Engine, engines, sharedEngines, type TestDatabase } from '../support/engines.ts'
import { createTenant, orderOf, purchaseOf, serve, testNow } from '../storage/tenant.ts'

/** By then each order of {@link openOrders} is due. */
const dueNow = testNow + 60_000
const never = new AbortController().signal

async function openOrders(
  t: TestContext,
  engine: Engine,
  count: number,
): Promise<{ pair: readonly [TestDatabase, TestDatabase]; ids: number[] }> {
  const pair = await (await engine.createPlace(t)).openPair()
  const caller = await createTenant(pair[0])
  await buyPlan(serve(pair[0]), purchaseOf(caller, count))
  const orders = await Promise.all(Array.from({ length: count }, () => placeOrder(serve(pair[0]), orderOf(caller))))
  return { pair, ids: ascending(orders.map(({ orderId }) => orderId)) }
}

const ascending = (ids: readonly number[]) => ids.toSorted((a, b) => a - b)

/** An advancer whose steps end when the test says so. */
function heldAdvancer(): Advancer & { readonly started: number[]; finish(orderId: number): void } {
  const started: number[] = []
  const finishers = new Map<number, () => void>()
  return {
    started,
    finish: (orderId) => finishers.get(orderId)?.(),
    advance(orderId) {
      started.push(orderId)
      return new Promise((resolve) => finishers.set(orderId, resolve))
    },
    nudge: () => Promise.resolve(false),
    stop: () => Promise.resolve(),
  }
}

for (const engine of engines) {
  describe(`the work of orders on ${engine.name}`, () => {
    it('is nothing before an order is due, and tells when the first one will be', async (t) => {
      const { pair } = await openOrders(t, engine, 2)
      const work = orderWork({ db: pair[0], clock: () => testNow, advancer: heldAdvancer() }, 'a')
      assert.deepEqual(await work.take(10), [])
      assert.equal(await work.next(), testNow + 1_000)
    })

    it('is given once: an order that runs is passed over, and may be taken again when it has ended', async (t) => {
      const { pair, ids } = await openOrders(t, engine, 5)
      const advancer = heldAdvancer()
      const work = orderWork({ db: pair[0], clock: () => dueNow, advancer }, 'a')
      const first = await work.take(3)
      const second = await work.take(10)
      assert.deepEqual([first.length, second.length], [3, 2])
      assert.deepEqual(ascending([...first, ...second].map(({ id }) => Number(id))), ids)
      assert.deepEqual(await work.take(10), [])
      assert.deepEqual(await work.take(0), [])

      const [task] = first
      const run = task?.run(never)
      assert.deepEqual(advancer.started, [Number(task?.id)])
      advancer.finish(Number(task?.id))
      await run
      // Its claim, where there is one, lasts until a step of the order or the process gives it back.
      await work.release()
      assert.ok((await work.take(10)).some(({ id }) => id === task?.id))
    })
  })
}

for (const engine of sharedEngines) {
  describe(`claims of orders on ${engine.name}`, () => {
    const claim = (db: TestDatabase, owner: string, limit: number, leaseMs = 60_000) =>
      db.write.claimOrders({ owner, now: dueNow, leaseMs, limit })

    it('never give one order to two owners, however many ask at once', async (t) => {
      const { pair, ids } = await openOrders(t, engine, 60)
      const claimed = await Promise.all(Array.from({ length: 16 }, (_, index) => claim(pair[index % 2 === 0 ? 0 : 1], `owner-${index}`, 5)))
      const all = claimed.flat()
      assert.equal(new Set(all).size, all.length)
      // What a claim passed over because another one held it for the moment is there for the next.
      for (let rest = await claim(pair[0], 'last', 100); rest.length > 0; rest = await claim(pair[0], 'last', 100)) all.push(...rest)
      assert.deepEqual(ascending(all), ids)
    })

    it('last until the lease ends by the clock of the database, and are then given again', async (t) => {
      const { pair, ids } = await openOrders(t, engine, 3)
      assert.equal((await claim(pair[0], 'a', 10, 300)).length, 3)
      assert.deepEqual(await claim(pair[1], 'b', 10), [])
      await new Promise((resolve) => setTimeout(resolve, 350))
      assert.deepEqual(ascending(await claim(pair[1], 'b', 10)), ids)
      const rows = await pair[0].read.selectFrom('orders').select(['lease_owner', 'rev']).execute()
      assert.deepEqual(
        rows,
        Array.from({ length: 3 }, () => ({ lease_owner: 'b', rev: 0 })),
      )
    })

    it('are given back by a process that stops, its own ones only', async (t) => {
      const { pair } = await openOrders(t, engine, 4)
      const ofFirst = await claim(pair[0], 'a', 3)
      assert.equal((await claim(pair[1], 'b', 10)).length, 1)
      assert.equal(await pair[0].write.releaseOrders({ owner: 'a' }), 3)
      assert.deepEqual(ascending(await claim(pair[1], 'b', 10)), ascending(ofFirst))
      assert.equal(await pair[0].write.releaseOrders({ owner: 'a' }), 0)
    })

    it('are for orders that are due only, the longest due first', async (t) => {
      const { pair, ids } = await openOrders(t, engine, 3)
      const [first, second, third] = ids
      await pair[0].write.runStatements({
        statements: [
          ['update orders set run_at = ? where id = ?', dueNow, first],
          ['update orders set run_at = ? where id = ?', dueNow - 5, second],
          ['update orders set run_at = ? where id = ?', dueNow + 1, third],
        ],
      })
      assert.deepEqual(await claim(pair[0], 'a', 1), [second])
      assert.deepEqual(await claim(pair[0], 'a', 10), [first])
      assert.deepEqual(await claim(pair[0], 'a', 10), [])
    })

    it('of a process that stops wake the others', async (t) => {
      const { pair } = await openOrders(t, engine, 1)
      await claim(pair[0], 'a', 1)
      const woken = new Promise<void>((resolve) => void pair[0].onNotify('due', () => resolve()))
      await orderWork({ db: pair[0], clock: () => dueNow, advancer: heldAdvancer() }, 'a').release()
      await woken
    })
  })
}
