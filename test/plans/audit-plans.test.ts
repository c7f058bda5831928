import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { auditPlans } from '../../src/plans/audit-plans.ts'
import { load, onBothEngines, place, proven, type TestServices, writeDirectly } from '../orders/open-test-services.ts'

void describe('the audit of plans', () => {
  onBothEngines('agrees with what the service wrote: granted, reserved, issued', async (test) => {
    const { issued } = await fill(test)
    const audit = await auditPlans(test.services.db.read)
    assert.deepEqual(audit, { plans: 1, lines: 4, differences: [], orders: [] })
    assert.equal((await load(test, issued)).state, 'issued')
  })

  for (const [counter, told, ledger] of [
    ['total', 21, 20],
    ['used', 1, 2],
    ['issued', 0, 1],
  ] as const) {
    onBothEngines(`finds a plan whose ${counter} differs from its lines`, async (test) => {
      await fill(test)
      await writeDirectly(test, `update plans set ${counter} = ${told}`)
      const { differences, orders } = await auditPlans(test.services.db.read)
      assert.equal(differences.length, 1)
      assert.equal(differences[0]?.counters[counter], told)
      assert.equal(differences[0]?.ledger[counter], ledger)
      assert.deepEqual(orders, [])
    })
  }

  onBothEngines('finds a plan without any line', async (test) => {
    await writeDirectly(test, 'delete from ledger_entries')
    const { differences } = await auditPlans(test.services.db.read)
    assert.deepEqual(
      differences.map(({ ledger }) => ledger),
      [{ total: 0, used: 0, issued: 0 }],
    )
  })

  onBothEngines('finds an order for which no unit is reserved', async (test) => {
    const { open } = await fill(test)
    await writeDirectly(test, `update ledger_entries set order_id = order_id + 1000 where kind = 'reserve' and order_id = ${open}`)
    assert.deepEqual((await auditPlans(test.services.db.read)).orders, [{ orderId: open, fault: 'no unit is reserved for it' }])
  })

  onBothEngines('finds an issued order whose unit is not committed', async (test) => {
    const { issued } = await fill(test)
    await writeDirectly(test, `update ledger_entries set order_id = order_id + 1000 where kind = 'commit'`)
    const { orders } = await auditPlans(test.services.db.read)
    assert.deepEqual(orders, [{ orderId: issued, fault: 'it is issued, but its unit is not committed' }])
  })

  onBothEngines('finds an issued order without its certificate', async (test) => {
    const { issued } = await fill(test)
    await writeDirectly(test, 'update certificates set order_id = null')
    assert.deepEqual((await auditPlans(test.services.db.read)).orders, [{ orderId: issued, fault: 'it has no certificate' }])
  })

  onBothEngines('finds an issued order without its intent', async (test) => {
    const { issued } = await fill(test)
    await writeDirectly(test, 'update issuance_intents set order_id = null')
    assert.deepEqual((await auditPlans(test.services.db.read)).orders, [{ orderId: issued, fault: 'it has no intent' }])
  })

  onBothEngines('finds a committed unit of an order that is not issued', async (test) => {
    const { issued } = await fill(test)
    await writeDirectly(test, `update orders set state = 'failed' where id = ${issued}`)
    const { orders } = await auditPlans(test.services.db.read)
    assert.deepEqual(orders, [{ orderId: issued, fault: 'its unit is committed, but it is not issued' }])
  })
})

/** One open order and one that is issued, of one plan of 20. */
async function fill(test: TestServices): Promise<{ open: number; issued: number }> {
  const open = await place(test)
  const issued = await place(test, { domain: 'issued.example.com' })
  test.world.look = () => Promise.resolve(proven)
  await test.services.advancer.advance(issued.id, AbortSignal.timeout(10_000))
  return { open: open.id, issued: issued.id }
}
