import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { deactivateAuthorization } from '../../../src/orders/acme/deactivate-authorization.ts'
import { loadAuthorization, showAcmeOrder, showAuthorization } from '../../../src/orders/acme/show-order.ts'
import { findReusableProofs } from '../../../src/orders/reusable-proofs.ts'
import { createAccount } from '../../../src/ram/accounts/create-account.ts'
import { atTheMachine } from '../../../src/ram/accounts/operator.ts'
import { accountCaller } from '../../support/context.ts'
import { dayMs, onBothEngines, start } from '../open-test-services.ts'
import { issueOne, outcome } from '../life-of-orders.ts'
import { assertAgrees, doorSettings, finalize, issue, joinDoor, openDoor, order, prove, runDue } from './door.ts'

const statusOf = async (...[test, caller, names]: Parameters<typeof order>): Promise<string> => (await order(test, caller, names)).status

describe('a proof of before', () => {
  onBothEngines(
    'is shared by orders of the same ACME account, and taken over by those of another of the tenant',
    async (test) => {
      const caller = await openDoor(test)
      const { authorizationIds } = await issue(test, caller, ['a.example.com'])
      const own = await order(test, caller, ['a.example.com'])
      assert.deepEqual([own.status, own.authorizationIds], ['ready', authorizationIds])
      const other = await joinDoor(test)
      const taken = await order(test, other, ['a.example.com'])
      assert.equal(taken.status, 'ready')
      const [id = 0] = taken.authorizationIds
      const row = await loadAuthorization(test.services, other, id)
      assert.deepEqual(
        [row.evidence, row.method, row.validated_at, row.expires_at, row.acme_account_id],
        [JSON.stringify({ provenBy: authorizationIds[0] }), 'http-01', start, start + 200 * dayMs, other.acmeAccountId],
      )
      const looks = test.world.looks
      assert.equal((await finalize(test, other, taken)).status, 'valid')
      assert.equal((await finalize(test, caller, own)).status, 'valid')
      assert.equal(test.world.looks, looks)
      // Its own comes before another's, also if that is newer.
      test.clock.now += dayMs
      await deactivateAuthorization(test.services, other, id)
      await issue(test, other, ['a.example.com'])
      assert.deepEqual(
        (await order(test, caller, ['a.example.com'], { notAfter: new Date(start + 9 * dayMs).toISOString() })).authorizationIds,
        authorizationIds,
      )
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'of the DNS counts for a name and its wildcard alike, one of a host for the name alone (BR 3.2.2.4.7 and .18 to .20)',
    async (test) => {
      const caller = await openDoor(test)
      await issue(test, caller, ['file.example.com'], {}, 'http-01')
      await issue(test, caller, ['alpn.example.com'], {}, 'tls-alpn-01')
      await issue(test, caller, ['dns.example.com'], {}, 'dns-01')
      await issue(test, caller, ['*.wild.example.com'], {}, 'dns-01')
      assert.equal(await statusOf(test, caller, ['*.file.example.com']), 'pending')
      assert.equal(await statusOf(test, caller, ['*.alpn.example.com']), 'pending')
      assert.equal(await statusOf(test, caller, ['*.dns.example.com', 'dns.example.com']), 'ready')
      assert.equal(await statusOf(test, caller, ['wild.example.com']), 'ready')
      // Neither what is below a name nor what is above.
      assert.equal(await statusOf(test, caller, ['x.dns.example.com']), 'pending')
      assert.equal(await statusOf(test, caller, ['example.com']), 'pending')
      const some = await order(test, caller, ['dns.example.com', 'new.example.com'])
      const states = await Promise.all(some.authorizationIds.map(async (id) => (await showAuthorization(test.services, caller, id)).status))
      assert.deepEqual([some.status, states.toSorted()], ['pending', ['pending', 'valid']])
      assert.equal((await prove(test, caller, some)).status, 'ready')
    },
    doorSettings,
  )

  onBothEngines(
    'of the RPC door counts too, and shows as the challenge that proves the same',
    async (test) => {
      const caller = await openDoor(test)
      await issueOne(test, { domain: 'dns.example.com' })
      await issueOne(test, { domain: 'file.example.com', method: 'FILE' })
      for (const [name, type] of [
        ['dns.example.com', 'dns-01'],
        ['*.dns.example.com', 'dns-01'],
        ['file.example.com', 'http-01'],
      ] as const) {
        const placed = await order(test, caller, [name])
        const { challenges } = await showAuthorization(test.services, caller, placed.authorizationIds[0] ?? 0)
        assert.deepEqual([placed.status, challenges], ['ready', [{ type, status: 'valid', validated: start }]])
      }
      assert.equal(await statusOf(test, caller, ['*.file.example.com']), 'pending')
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'counts for 200 days, and from 2027-03-15 on for 100 (BR 4.2.1)',
    async (test) => {
      const caller = await openDoor(test)
      await issue(test, caller, ['a.example.com'])
      test.clock.now = Date.UTC(2027, 2, 15) - 1
      assert.equal(await statusOf(test, caller, ['a.example.com']), 'ready')
      test.clock.now += 1
      assert.equal(await statusOf(test, await joinDoor(test), ['a.example.com']), 'pending')
      // One that was placed in time is refused if it is finalized too late.
      assert.equal(await outcome(finalize(test, caller, await order(test, caller, ['a.example.com']))), 'orderNotReady')
      await runDue(test)
    },
    doorSettings,
  )

  onBothEngines(
    'counts no longer than the operator lets it, down to the hour, also for an order that was placed in time',
    async (test) => {
      const caller = await openDoor(test)
      await issue(test, caller, ['a.example.com'])
      test.clock.now = start + 30 * dayMs - 1
      const placed = await order(test, caller, ['a.example.com'])
      assert.equal(placed.status, 'ready')
      test.clock.now += 1
      assert.equal(await statusOf(test, await joinDoor(test), ['a.example.com']), 'pending')
      assert.equal(await outcome(finalize(test, caller, placed)), 'orderNotReady')
      assert.equal((await showAcmeOrder(test.services, caller, placed.id)).status, 'invalid')
      test.clock.now += dayMs
      await runDue(test)
      await assertAgrees(test)
    },
    { ...doorSettings, CHANCERY_PROOF_REUSE_DAYS: '30' },
  )

  onBothEngines(
    'counts neither for another tenant, nor after it was given up, nor where every order is to be proven',
    async (test) => {
      const caller = await openDoor(test)
      const { authorizationIds } = await issue(test, caller, ['a.example.com'])
      const { accountId, accessKeyId } = await createAccount(test.services, atTheMachine, { name: 'another', token: undefined })
      const stranger = { ...test, caller: accountCaller(accountId, accessKeyId) }
      assert.equal(await statusOf(stranger, await openDoor(stranger), ['a.example.com']), 'pending')
      const search = { accountId: test.caller.accountId, until: test.clock.now }
      assert.equal((await findReusableProofs(test.services, ['a.example.com'], search)).size, 1)
      const settings = { proofReuseDays: 0 }
      assert.equal((await findReusableProofs({ ...test.services, settings }, ['a.example.com'], search)).size, 0)
      await deactivateAuthorization(test.services, caller, authorizationIds[0] ?? 0)
      assert.equal((await findReusableProofs(test.services, ['a.example.com'], search)).size, 0)
    },
    doorSettings,
  )

  onBothEngines(
    'that is given up while an order on it is being placed counts no more, shared or taken over',
    async (test) => {
      const caller = await openDoor(test)
      const other = await joinDoor(test)
      for (const [name, given] of [
        ['shared.example.com', caller],
        ['taken.example.com', other],
      ] as const) {
        // Both have a proof of their own; the second one's rests on the first one's.
        const { authorizationIds } = await issue(test, caller, [name])
        const own = given === caller ? authorizationIds : (await order(test, other, [`*.x.${name}`, name])).authorizationIds.slice(-1)
        const { db } = test.services
        let gaveUp = false
        const write = {
          ...db.write,
          placeOrder: async (input: Parameters<typeof db.write.placeOrder>[0]) => {
            if (!gaveUp) {
              gaveUp = true
              await deactivateAuthorization(test.services, given, own[0] ?? 0)
            }
            return await db.write.placeOrder(input)
          },
        }
        const raced = { ...test, services: { ...test.services, db: { ...db, write } } }
        assert.equal(await statusOf(raced, given, [name]), 'pending', name)
        assert.ok(gaveUp)
      }
      await runDue(test)
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'counts no more for an account that gave it up, also where it was taken over, and goes on counting for others (7.5.2)',
    async (test) => {
      const caller = await openDoor(test)
      const other = await joinDoor(test)
      const proof = await prove(test, caller, await order(test, caller, ['a.example.com', 'b.example.com']), 'dns-01')
      const copies = [await order(test, caller, ['*.a.example.com']), await order(test, caller, ['*.b.example.com'])]
      const others = [await order(test, other, ['a.example.com']), await order(test, other, ['*.a.example.com'])]
      assert.ok([...copies, ...others].every(({ status }) => status === 'ready'))
      test.clock.now += 1000
      const given = copies[0] ?? assert.fail()
      assert.equal((await deactivateAuthorization(test.services, caller, given.authorizationIds[0] ?? 0)).status, 'deactivated')
      // Whichever of those that rest on one proof is named, the others end with it.
      for (const { id } of [proof, given]) assert.equal((await showAcmeOrder(test.services, caller, id)).status, 'invalid')
      assert.equal((await showAcmeOrder(test.services, caller, copies[1]?.id ?? 0)).status, 'ready')
      for (const { id } of others) assert.equal((await showAcmeOrder(test.services, other, id)).status, 'ready')
      for (const name of ['a.example.com', '*.a.example.com']) {
        assert.equal(await statusOf(test, caller, [name]), 'pending')
        assert.equal(await statusOf(test, other, [name]), 'ready')
      }
      assert.equal(await statusOf(test, caller, ['b.example.com']), 'ready')
      assert.equal((await prove(test, caller, await order(test, caller, ['a.example.com']), 'dns-01')).status, 'ready')
      assert.equal(await statusOf(test, caller, ['a.example.com', '*.a.example.com']), 'ready')
      await runDue(test)
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'is found beside names that were proven much more often',
    async (test) => {
      await openDoor(test)
      await issueOne(test, { domain: 'rare.example.com' })
      test.clock.now += dayMs
      await issueOne(test, { domain: 'often.example.com' })
      for (let count = 0; count < 17; count++) await issueOne(test, { domain: 'often.example.com' })
      const search = { accountId: test.caller.accountId, until: test.clock.now }
      const found = await findReusableProofs(test.services, ['often.example.com', '*.rare.example.com'], search)
      assert.deepEqual([...found.keys()], ['often.example.com', '*.rare.example.com'])
    },
    doorSettings,
  )
})
