import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { placeOrder } from '../../src/orders/place-order.ts'
import { auditPlans } from '../../src/plans/audit-plans.ts'
import { buyPlan } from '../../src/plans/buy-plan.ts'
import { CLIENT_TOKEN_LIFETIME_MS } from '../../src/storage/client-tokens.ts'
import type { Caller } from '../../src/gateway/caller.ts'
import { type Engine, engines, sharedEngines, type TestDatabase } from '../support/engines.ts'
import { createKey, createTenant, orderOf, purchaseOf, serve, testNow } from './tenant.ts'
import { contextOf } from '../support/context.ts'

const ROUNDS = 50

async function openTenant(t: TestContext, engine: Engine): Promise<{ pair: readonly [TestDatabase, TestDatabase]; caller: Caller }> {
  const place = await engine.createPlace(t)
  const pair = await place.openPair()
  const caller = await createTenant(pair[0])
  // Both are warm: no first connection, first statement or first block of ids is waited for in the rounds.
  for (const db of pair) await placeOrder(serve(db), orderOf(caller, { productCode: await freshPlan(db, caller, 2) }))
  return { pair, caller }
}

async function freshPlan(db: TestDatabase, caller: Caller, units: number): Promise<string> {
  await buyPlan(serve(db), purchaseOf(caller, units))
  return 'digicert-free-1-free'
}

async function count(db: TestDatabase, table: 'orders' | 'plans' | 'client_tokens' | 'ledger_entries'): Promise<number> {
  return (await db.read.selectFrom(table).select(db.read.fn.countAll<number>().as('count')).executeTakeFirstOrThrow()).count
}

for (const engine of engines) {
  describe(`creates with one token, twice at once, on ${engine.name}`, () => {
    for (const [what, differ] of [
      ['in one process', false],
      ['in two processes', true],
    ] as const) {
      it(`place one order, and both get its id: ${what}`, async (t) => {
        const { pair, caller } = await openTenant(t, engine)
        await freshPlan(pair[0], caller, ROUNDS)
        const before = await count(pair[0], 'orders')
        for (let round = 0; round < ROUNDS; round++) {
          const request = orderOf(caller, { clientToken: `order-${round}` })
          const answers = await Promise.all([placeOrder(serve(pair[0]), request), placeOrder(serve(pair[differ ? 1 : 0]), request)])
          assert.deepEqual(answers[0], answers[1])
          assert.deepEqual(await placeOrder(serve(pair[1]), request), answers[0])
        }
        assert.equal((await count(pair[0], 'orders')) - before, ROUNDS)
        const audit = await auditPlans(pair[0].read)
        assert.deepEqual([audit.differences, audit.orders], [[], []])
      })

      it(`buy one plan, and both get its id: ${what}`, async (t) => {
        const { pair, caller } = await openTenant(t, engine)
        const before = await count(pair[0], 'plans')
        for (let round = 0; round < ROUNDS; round++) {
          const purchase = purchaseOf(caller, 3, { clientToken: `plan-${round}` })
          const answers = await Promise.all([buyPlan(serve(pair[0]), purchase), buyPlan(serve(pair[differ ? 1 : 0]), purchase)])
          assert.deepEqual(answers[0], answers[1])
          assert.deepEqual(await buyPlan(serve(pair[1]), purchase), answers[0])
        }
        assert.equal((await count(pair[0], 'plans')) - before, ROUNDS)
        assert.deepEqual((await auditPlans(pair[0].read)).differences, [])
      })

      it(`let one input win and refuse the other, which leaves nothing: ${what}`, async (t) => {
        const { pair, caller } = await openTenant(t, engine)
        await freshPlan(pair[0], caller, 2 * ROUNDS)
        const before = await count(pair[0], 'orders')
        for (let round = 0; round < ROUNDS; round++) {
          const clientToken = `other-${round}`
          const outcomes = await Promise.allSettled([
            placeOrder(serve(pair[0]), orderOf(caller, { clientToken, domain: 'a.example.com' })),
            placeOrder(serve(pair[differ ? 1 : 0]), orderOf(caller, { clientToken, domain: 'b.example.com' })),
          ])
          const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
          assert.deepEqual(
            refused.map(({ reason }) => (reason as { problem?: string }).problem),
            ['idempotentParameterMismatch'],
          )
        }
        assert.equal((await count(pair[0], 'orders')) - before, ROUNDS)
        assert.deepEqual((await auditPlans(pair[0].read)).differences, [])
      })
    }

    it('take the last unit of a plan once: the second one is no refusal but the same answer', async (t) => {
      const { pair, caller } = await openTenant(t, engine)
      for (let round = 0; round < ROUNDS; round++) {
        // One unit is left from the round's purchase only.
        await drain(pair[0], caller)
        await freshPlan(pair[0], caller, 1)
        const request = orderOf(caller, { clientToken: `last-${round}` })
        const answers = await Promise.all(pair.map((db) => placeOrder(serve(db), request)))
        assert.deepEqual(answers[0], answers[1])
      }
    })
  })

  describe(`a client token on ${engine.name}`, () => {
    it('with another input is refused as idempotentParameterMismatch, for each creating call', async (t) => {
      const { pair, caller } = await openTenant(t, engine)
      const [db] = pair
      await freshPlan(db, caller, 5)
      const request = orderOf(caller, { clientToken: 't' })
      await placeOrder(serve(db), request)
      for (const other of [
        { domain: 'other.example.com' },
        { method: 'FILE' as const },
        { keyAlgorithm: 'ECC_256' },
        { tags: [{ key: 'k', value: 'v' }] },
        { applicant: { ...request.applicant, email: 'other@example.com' } },
      ]) {
        await assert.rejects(
          placeOrder(serve(db), { ...request, ...other }),
          { problem: 'idempotentParameterMismatch' },
          JSON.stringify(other),
        )
      }
      await buyPlan(serve(db), purchaseOf(caller, 1, { clientToken: 't' }))
      await assert.rejects(buyPlan(serve(db), purchaseOf(caller, 2, { clientToken: 't' })), { problem: 'idempotentParameterMismatch' })
    })

    it('of a refused call is not used up: the same call may succeed later', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      const caller = await createTenant(db)
      const request = orderOf(caller, { clientToken: 'patient' })
      await assert.rejects(placeOrder(serve(db), request), { problem: 'notFoundPackage' })
      await freshPlan(db, caller, 1)
      await placeOrder(serve(db), orderOf(caller))
      await assert.rejects(placeOrder(serve(db), request), { problem: 'notRemainCount' })
      assert.equal(await count(db, 'client_tokens'), 0)
      await freshPlan(db, caller, 1)
      const { orderId } = await placeOrder(serve(db), request)
      assert.deepEqual(await placeOrder(serve(db), request), { orderId })
    })

    it('is not stored by a call whose key was switched off meanwhile', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      const caller = await createTenant(db)
      await freshPlan(db, caller, 1)
      await db.write.runStatements({ statements: [[`update access_keys set status = 'Inactive'`]] })
      await assert.rejects(placeOrder(serve(db), orderOf(caller, { clientToken: 't' })), { problem: 'callerInactive' })
      await assert.rejects(buyPlan(serve(db), purchaseOf(caller, 1, { clientToken: 't' })), { problem: 'callerInactive' })
      assert.deepEqual([await count(db, 'client_tokens'), await count(db, 'orders'), await count(db, 'plans')], [0, 0, 1])
    })

    it('gives its answer for 24 hours and is then overwritten by a new effect', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      let now = testNow
      const services = serve(db, () => now)
      const caller = await createTenant(db)
      await buyPlan(services, purchaseOf(caller, 5))
      const request = orderOf(caller, { clientToken: 't' })
      const first = await placeOrder(services, request)
      now = testNow + CLIENT_TOKEN_LIFETIME_MS - 1
      assert.deepEqual(await placeOrder(services, request), first)
      now = testNow + CLIENT_TOKEN_LIFETIME_MS
      // Another input is no mismatch: the token is as good as new.
      const second = await placeOrder(services, { ...request, domain: 'other.example.com' })
      assert.notDeepEqual(second, first)
      assert.deepEqual(await placeOrder(services, { ...request, domain: 'other.example.com' }), second)
      assert.equal(await count(db, 'client_tokens'), 1)
      now += CLIENT_TOKEN_LIFETIME_MS
      const [third, fourth] = await Promise.all([placeOrder(services, request), placeOrder(services, request)])
      assert.deepEqual(third, fourth)
    })

    it('counts for one account, principal and action only', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      const caller = await createTenant(db)
      const user = await createKey(db, caller.accountId, `acs:ram::${caller.accountId}:user/a`)
      const stranger = await createTenant(db, 1_000_000_000_000_002)
      for (const each of [caller, stranger]) await freshPlan(db, each, 9)
      const clientToken = 'shared'
      const ids: number[] = []
      for (const request of [
        orderOf(caller, { clientToken }),
        orderOf(user, { clientToken }),
        orderOf(stranger, { clientToken }),
        orderOf(caller, { clientToken, context: contextOf(caller, { action: 'OtherDoor' }) }),
      ]) {
        const { orderId } = await placeOrder(serve(db), request)
        assert.deepEqual(await placeOrder(serve(db), request), { orderId })
        ids.push(orderId)
      }
      // A second key of one principal replays; the token belongs to the principal.
      const secondKey = await createKey(db, caller.accountId, caller.principal)
      assert.deepEqual(await placeOrder(serve(db), orderOf(secondKey, { clientToken })), { orderId: ids[0] })
      await buyPlan(serve(db), purchaseOf(caller, 1, { clientToken }))
      assert.equal(new Set(ids).size, 4)
      assert.equal(await count(db, 'orders'), 4)
    })

    it('is absent: each call has its own effect', async (t) => {
      const { pair, caller } = await openTenant(t, engine)
      await freshPlan(pair[0], caller, 2)
      const [first, second] = await Promise.all(pair.map((db) => placeOrder(serve(db), orderOf(caller))))
      assert.notDeepEqual(first, second)
    })

    it('is swept away when it has expired, and not before', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      const caller = await createTenant(db)
      for (const token of ['a', 'b']) await buyPlan(serve(db), purchaseOf(caller, 1, { clientToken: token }))
      assert.deepEqual({ ...(await db.write.sweepExpired({ now: testNow + CLIENT_TOKEN_LIFETIME_MS - 1 })) }, { deleted: 0, more: false })
      assert.deepEqual({ ...(await db.write.sweepExpired({ now: testNow + CLIENT_TOKEN_LIFETIME_MS })) }, { deleted: 2, more: false })
      assert.equal(await count(db, 'client_tokens'), 0)
    })
  })
}

for (const engine of sharedEngines) {
  describe(`tokens of two processes on ${engine.name}`, () => {
    it('met in opposite order inside groups make a deadlock that nobody sees', async (t) => {
      const { pair, caller } = await openTenant(t, engine)
      const before = await count(pair[0], 'plans')
      const tokens = Array.from({ length: 20 }, (_, index) => `t${index}`)
      for (let round = 0; round < 5; round++) {
        const buy = (db: TestDatabase, token: string) => buyPlan(serve(db), purchaseOf(caller, 1, { clientToken: `${round}-${token}` }))
        const [forward, backward] = await Promise.all([
          Promise.all(tokens.map((token) => buy(pair[0], token))),
          Promise.all(tokens.toReversed().map((token) => buy(pair[1], token))),
        ])
        assert.deepEqual(forward, backward.toReversed())
      }
      assert.equal((await count(pair[0], 'plans')) - before, 100)
      assert.deepEqual((await auditPlans(pair[0].read)).differences, [])
    })
  })
}

/** Uses up what the account's plans have left. */
async function drain(db: TestDatabase, caller: Caller): Promise<void> {
  for (;;) {
    try {
      await placeOrder(serve(db), orderOf(caller))
    } catch (error) {
      assert.equal((error as { problem?: string }).problem, 'notRemainCount')
      return
    }
  }
}
