import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { AcmeCaller } from '../../../src/orders/acme/acme-caller.ts'
import { deactivateAuthorization } from '../../../src/orders/acme/deactivate-authorization.ts'
import { showAcmeOrder, showAuthorization } from '../../../src/orders/acme/show-order.ts'
import { startChallenge } from '../../../src/orders/acme/start-challenge.ts'
import { originOf } from '../../../src/storage/events.ts'
import { dayMs, load, notProven, onBothEngines, proven, start, type TestServices } from '../open-test-services.ts'
import { linesOf, outcome, outcomes } from '../life-of-orders.ts'
import { assertAgrees, doorSettings, finalize, issue, keyUnits, openDoor, order, prove, runDue, usedUnits } from './door.ts'

const startIt = ({ services }: TestServices, caller: AcmeCaller, id: number, type = 'http-01') => startChallenge(services, caller, id, type)

async function rowOf({ services: { db } }: TestServices, id: number) {
  const row = await db.read
    .selectFrom('authorizations')
    .select(['state', 'run_at', 'attempts', 'method'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return { ...row }
}

async function eventsOf({ services: { db } }: TestServices, resource: string): Promise<string[]> {
  const rows = await db.read
    .selectFrom('events')
    .select('kind')
    .where('resource', '=', resource)
    .where('kind', '!=', 'call')
    .orderBy('id')
    .execute()
  return rows.map(({ kind }) => kind)
}

describe('a challenge', () => {
  onBothEngines(
    'that shows nothing is looked at three times, 2 s and 4 s apart; then its order ends and its units go back, once',
    async (test) => {
      const caller = await openDoor(test)
      const placed = await order(test, caller, ['a.example.com', 'b.example.com'])
      const [first = 0, second = 0] = placed.authorizationIds
      const view = await startIt(test, caller, first)
      assert.deepEqual([view.status, view.challenges], ['pending', [{ type: 'http-01', status: 'processing' }]])
      assert.deepEqual(await rowOf(test, first), { state: 'processing', run_at: start + 2_000, attempts: 1, method: 'http-01' })
      await runDue(test)
      assert.equal(test.world.looks, 1)
      test.clock.now += 2_000
      await runDue(test)
      assert.deepEqual(await rowOf(test, first), { state: 'processing', run_at: start + 6_000, attempts: 2, method: 'http-01' })
      test.clock.now += 4_000
      await Promise.all([runDue(test), runDue(test), startIt(test, caller, first)])
      assert.deepEqual(await rowOf(test, first), { state: 'invalid', run_at: null, attempts: 3, method: 'http-01' })
      const ended = await showAcmeOrder(test.services, caller, placed.id)
      assert.deepEqual([ended.status, ended.error], ['invalid', { problem: 'proofDns', params: { rule: notProven.message } }])
      assert.deepEqual([(await load(test, placed.id)).state, await linesOf(test, placed.id)], ['failed', ['reserve', 'refund']])
      assert.deepEqual([await usedUnits(test), await keyUnits(test, caller)], [0, 0])
      assert.deepEqual(await eventsOf(test, `authorization/${first}`), ['challenge.started', 'authorization.failed'])
      assert.deepEqual(await eventsOf(test, `order/${placed.id}`), ['order.placed', 'order.failed'])
      // A failed authorization is not chosen again; the other one still can be, and changes nothing any more.
      assert.equal((await startIt(test, caller, first)).status, 'invalid')
      test.world.look = () => Promise.resolve(proven)
      assert.equal((await startIt(test, caller, second)).status, 'valid')
      assert.equal((await load(test, placed.id)).state, 'failed')
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'of a forbidden address fails at once',
    async (test) => {
      const caller = await openDoor(test)
      const placed = await order(test, caller, ['a.example.com'])
      test.world.look = () => Promise.resolve({ ...notProven, failure: 'forbiddenAddress' })
      assert.equal((await startIt(test, caller, placed.authorizationIds[0] ?? 0)).status, 'invalid')
      assert.equal((await load(test, placed.id)).state, 'failed')
    },
    doorSettings,
  )

  onBothEngines(
    'is chosen once, however many ask at once, and is the only one from then on',
    async (test) => {
      const caller = await openDoor(test)
      const [id = 0] = (await order(test, caller, ['a.example.com'])).authorizationIds
      // The look lasts until all have asked: whoever asks after it makes another one.
      const look = { ...test.world }.look
      test.world.look = async (...asked) => {
        await new Promise((resolve) => setTimeout(resolve, 500))
        return await look(...asked)
      }
      const kinds = await Promise.all([startIt(test, caller, id), startIt(test, caller, id), startIt(test, caller, id)])
      assert.ok(kinds.every(({ challenges }) => challenges.length === 1))
      assert.deepEqual(await eventsOf(test, `authorization/${id}`), ['challenge.started'])
      assert.equal((await rowOf(test, id)).attempts, 1)
      assert.equal(await outcome(startIt(test, caller, id, 'dns-01')), 'notFoundAuthorization')
      const [other = 0] = (await order(test, caller, ['*.b.example.com'])).authorizationIds
      assert.equal(await outcome(startIt(test, caller, other, 'http-01')), 'notFoundAuthorization')
      const [third = 0] = (await order(test, caller, ['c.example.com'])).authorizationIds
      assert.deepEqual(await outcomes(startIt(test, caller, third), startIt(test, caller, third, 'dns-01')), ['done', 'done'])
      assert.equal((await eventsOf(test, `authorization/${third}`)).length, 1)
    },
    doorSettings,
  )

  onBothEngines(
    'whose process died before the look was stored is looked at by the runner',
    async (test) => {
      const caller = await openDoor(test)
      const placed = await order(test, caller, ['a.example.com'])
      const [id = 0] = placed.authorizationIds
      await test.services.db.write.startChallenge({
        authorizationId: id,
        acmeAccountId: caller.acmeAccountId,
        caller: caller.context.caller,
        origin: originOf(caller.context),
        eventId: await test.services.db.nextId('events'),
        method: 'http-01',
        thumbprint: caller.thumbprint,
        now: start,
        runAt: start + 30_000,
      })
      await runDue(test)
      assert.equal(test.world.looks, 0)
      test.clock.now += 30_000
      test.world.look = (proof) => {
        assert.ok(proof.method === 'http-01' && proof.keyAuthorization === `${proof.token}.${caller.thumbprint}`)
        return Promise.resolve(proven)
      }
      await runDue(test)
      assert.equal((await showAcmeOrder(test.services, caller, placed.id)).status, 'ready')
      assert.equal((await finalize(test, caller, placed)).status, 'valid')
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'whose first look takes long is put down as begun, and comes to its end then',
    async (test) => {
      const caller = await openDoor(test)
      const [id = 0] = (await order(test, caller, ['a.example.com'])).authorizationIds
      let answer: () => void = () => assert.fail('nobody looked')
      test.world.look = () =>
        new Promise((resolve) => {
          answer = () => resolve(proven)
        })
      const choosing = startIt(test, caller, id)
      while ((await rowOf(test, id)).state === 'pending') await new Promise((resolve) => setTimeout(resolve, 20))
      assert.deepEqual(await rowOf(test, id), { state: 'processing', run_at: start + 30_000, attempts: 0, method: 'http-01' })
      answer()
      assert.equal((await choosing).status, 'valid')
      assert.deepEqual(await rowOf(test, id), { state: 'valid', run_at: null, attempts: 1, method: 'http-01' })
      assert.deepEqual(await eventsOf(test, `authorization/${id}`), ['challenge.started', 'authorization.proven'])
      assert.equal(test.world.looks, 1)
    },
    doorSettings,
  )

  onBothEngines(
    'is not chosen by an account that was shut while it was looked at',
    async (test) => {
      const caller = await openDoor(test)
      const [id = 0] = (await order(test, caller, ['a.example.com'])).authorizationIds
      test.world.look = async () => {
        await test.services.db.write.deactivateAcmeAccount({
          acmeAccountId: caller.acmeAccountId,
          caller: caller.context.caller,
          origin: originOf(caller.context),
          eventId: await test.services.db.nextId('events'),
          now: start,
        })
        return proven
      }
      assert.equal(await outcome(startIt(test, caller, id)), 'callerInactive')
      const { state, attempts } = await rowOf(test, id)
      assert.deepEqual([state === 'valid', attempts], [false, 0])
    },
    doorSettings,
  )

  onBothEngines(
    'is looked at later after a fault of ours, and when the process stops meanwhile',
    async (test) => {
      const caller = await openDoor(test)
      const [id = 0] = (await order(test, caller, ['a.example.com'])).authorizationIds
      test.world.look = () => Promise.reject(new Error('a fault'))
      assert.equal((await startIt(test, caller, id)).challenges[0]?.status, 'processing')
      assert.deepEqual(await rowOf(test, id), { state: 'processing', run_at: start + 30_000, attempts: 0, method: 'http-01' })
      assert.equal(test.faults.splice(0).length, 1)
      test.clock.now += 30_000
      await new Promise<void>((resolve) => {
        test.world.look = (_, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new Error('stopped')))
            resolve()
          })
        void test.services.challenger.look(id)
      })
      await test.services.challenger.stop()
      assert.deepEqual(await rowOf(test, id), { state: 'processing', run_at: start + 30_000, attempts: 0, method: 'http-01' })
      assert.deepEqual(test.faults, [])
    },
    doorSettings,
  )
})

describe('an authorization', () => {
  onBothEngines(
    'is shared by orders of its account; given up it ends those that are open, and its proof counts no more',
    async (test) => {
      const caller = await openDoor(test)
      const issued = await issue(test, caller, ['a.example.com'])
      const open = [
        await order(test, caller, ['a.example.com', 'b.example.com']),
        await order(test, caller, ['a.example.com', 'c.example.com']),
      ]
      const [shared = 0] = issued.authorizationIds
      assert.ok(open.every(({ authorizationIds }) => authorizationIds.includes(shared)))
      assert.equal((await prove(test, caller, open[0] ?? assert.fail())).status, 'ready')
      const view = await deactivateAuthorization(test.services, caller, shared)
      assert.equal(view.status, 'deactivated')
      for (const { id } of open) {
        assert.deepEqual([(await load(test, id)).state, await linesOf(test, id)], ['failed', ['reserve', 'refund']])
      }
      assert.equal((await load(test, issued.id)).state, 'issued')
      assert.equal((await deactivateAuthorization(test.services, caller, shared)).status, 'deactivated')
      assert.deepEqual(await eventsOf(test, `authorization/${shared}`), ['authorization.proven', 'authorization.deactivated'])
      const next = await order(test, caller, ['a.example.com'])
      assert.deepEqual([next.status, next.authorizationIds.includes(shared)], ['pending', false])
      assert.equal(await outcome(startIt(test, caller, shared)), 'authorizationEnded')
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'expires with its order if nobody proves it, and cannot be proven then',
    async (test) => {
      const caller = await openDoor(test)
      const [id = 0] = (await order(test, caller, ['a.example.com'])).authorizationIds
      test.clock.now += dayMs
      assert.equal((await showAuthorization(test.services, caller, id)).status, 'expired')
      assert.equal(await outcome(startIt(test, caller, id)), 'authorizationEnded')
    },
    doorSettings,
  )
})
