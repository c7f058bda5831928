import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { cancelOrder } from '../../../src/orders/cancel-order.ts'
import { auditPlans } from '../../../src/plans/audit-plans.ts'
import { contextOf } from '../../support/context.ts'
import { dayMs, load, onBothEngines, start, writeDirectly } from '../open-test-services.ts'
import { linesOf, outcome } from '../life-of-orders.ts'
import {
  assertAgrees,
  charged,
  doorSettings,
  finalize,
  issue,
  joinDoor,
  justBefore,
  keyUnits,
  openDoor,
  order,
  prove,
  runDue,
  usedUnits,
} from './door.ts'

const names = ['a.example.com', '*.a.example.com']

describe('a renewal at the ACME door', () => {
  onBothEngines(
    'takes no unit inside the term of its instance, and units of a new one after it',
    async (test) => {
      const caller = await openDoor(test)
      const first = await issue(test, caller, names)
      const { instance_id } = await load(test, first.id)
      assert.deepEqual(await linesOf(test, first.id), ['reserve', 'commit'])
      test.clock.now += 20 * dayMs
      const renewal = await issue(test, caller, names.toReversed())
      const row = await load(test, renewal.id)
      assert.deepEqual([row.instance_id, row.units, await linesOf(test, renewal.id)], [instance_id, 0, []])
      assert.deepEqual([await usedUnits(test), await keyUnits(test, caller)], [3, 3])
      // Another ACME account of the tenant renews the same instance; other names are another one.
      const other = await joinDoor(test)
      assert.equal((await load(test, (await order(test, other, names)).id)).instance_id, instance_id)
      assert.equal((await load(test, (await order(test, caller, ['a.example.com'])).id)).units, 3)
      assert.equal((await load(test, (await order(test, caller, names, { profile: charged })).id)).units, 1)
      test.clock.now += 40 * dayMs
      const late = await load(test, (await order(test, caller, names)).id)
      assert.deepEqual([late.units, late.instance_id === instance_id], [3, false])
      await runDue(test)
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'that comes to nothing has nothing to give back',
    async (test) => {
      const caller = await openDoor(test)
      await issue(test, caller, names)
      const renewal = await order(test, caller, names)
      test.clock.now += dayMs
      await runDue(test)
      assert.deepEqual([(await load(test, renewal.id)).state, await linesOf(test, renewal.id)], ['failed', []])
      assert.deepEqual([await usedUnits(test), await keyUnits(test, caller)], [3, 3])
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'is not free while the first order of the instance has no certificate, nor after its units went back',
    async (test) => {
      const caller = await openDoor(test)
      const first = await order(test, caller, names)
      const other = await joinDoor(test)
      assert.equal((await load(test, (await order(test, other, names)).id)).units, 3)
      await finalize(test, caller, await prove(test, caller, first))
      const open = await order(test, caller, names)
      assert.deepEqual([open.status, (await load(test, open.id)).units], ['ready', 0])
      await cancelOrder(test.services, contextOf(test.caller), first.id)
      assert.deepEqual(await linesOf(test, first.id), ['reserve', 'commit', 'refund'])
      // The renewal that was open lost what it was to be issued on.
      assert.equal(await outcome(finalize(test, caller, open)), 'orderNotReady')
      await runDue(test)
      assert.equal((await load(test, open.id)).state, 'failed')
      assert.equal((await load(test, (await order(test, caller, names)).id)).units, 3)
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'pays if the units of its instance go back while it is placed',
    async (test) => {
      const caller = await openDoor(test)
      const first = await issue(test, caller, names)
      const renewal = await order(
        justBefore(test, 'placeOrder', () => cancelOrder(test.services, contextOf(test.caller), first.id)),
        caller,
        names,
      )
      assert.deepEqual(await linesOf(test, first.id), ['reserve', 'commit', 'refund'])
      assert.deepEqual([(await load(test, renewal.id)).units, await usedUnits(test), await keyUnits(test, caller)], [3, 3, 3])
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'is not issued, and found by the audit, if the units of its instance went back all the same',
    async (test) => {
      const caller = await openDoor(test)
      const first = await issue(test, caller, names)
      const open = await order(test, caller, names)
      const other = await issue(test, await joinDoor(test), names)
      await cancelOrder(test.services, contextOf(test.caller), other.id)
      await writeDirectly(test, `update orders set state = 'revoked' where id = ${first.id}`)
      await writeDirectly(
        test,
        `insert into ledger_entries (id, plan_id, account_id, kind, units, order_id, idempotency_key, at)
           select id + 1000000, plan_id, account_id, 'refund', units, order_id, 'refund:' || order_id, at + 1 from ledger_entries
            where kind = 'commit' and order_id = ${first.id}`,
      )
      assert.equal(await outcome(finalize(test, caller, open)), 'orderNotReady')
      assert.deepEqual((await auditPlans(test.services.db.read)).orders, [])
      await writeDirectly(test, `update orders set state = 'issued' where id = ${other.id}`)
      assert.deepEqual((await auditPlans(test.services.db.read)).orders, [
        { orderId: other.id, fault: 'it took no unit, and those of its instance had gone back' },
      ])
    },
    doorSettings,
  )

  onBothEngines(
    'is one that begins inside the term: for later it pays',
    async (test) => {
      const caller = await openDoor(test)
      const { id } = await issue(test, caller, names)
      const { instance_id } = await load(test, id)
      test.clock.now += 59 * dayMs
      const unitsFrom = async (ms: number) => {
        const placed = await order(test, caller, names, { notBefore: new Date(start + ms).toISOString() })
        return (await load(test, placed.id)).units
      }
      assert.deepEqual([await unitsFrom(60 * dayMs - 1000), await unitsFrom(60 * dayMs), await unitsFrom(80 * dayMs)], [0, 3, 3])
      assert.equal((await load(test, (await order(test, caller, names)).id)).instance_id, instance_id)
    },
    doorSettings,
  )

  onBothEngines(
    'keeps the units used: the first certificate brings nothing back while a renewed one is in use',
    async (test) => {
      const caller = await openDoor(test)
      const [first, second] = [await issue(test, caller, names), await issue(test, caller, names)]
      await cancelOrder(test.services, contextOf(test.caller), first.id)
      assert.deepEqual(await linesOf(test, first.id), ['reserve', 'commit'])
      assert.equal(await usedUnits(test), 3)
      // The term goes on.
      const third = await issue(test, caller, names)
      assert.equal((await load(test, third.id)).units, 0)
      for (const { id } of [second, third]) await cancelOrder(test.services, contextOf(test.caller), id)
      assert.equal(await usedUnits(test), 3)
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'is found by the audit if units are on record that it did not take, or too few came back',
    async (test) => {
      const caller = await openDoor(test)
      const { id } = await issue(test, caller, names)
      await writeDirectly(test, `update orders set units = 2 where id = ${id}`)
      assert.deepEqual((await auditPlans(test.services.db.read)).orders, [
        { orderId: id, fault: 'its ledger lines are about other units than it took' },
      ])
      await writeDirectly(test, `update orders set units = 3 where id = ${id}`)
      const lost = await order(test, caller, ['b.example.com'])
      await writeDirectly(test, `update orders set state = 'failed', run_at = null where id = ${lost.id}`)
      assert.deepEqual((await auditPlans(test.services.db.read)).orders, [
        { orderId: lost.id, fault: 'it failed at the ACME door, but its unit was not given back' },
      ])
    },
    doorSettings,
  )
})
