import assert from 'node:assert/strict'
import type { OrderRequest } from '../../src/orders/place-order.ts'
import { auditPlans } from '../../src/plans/audit-plans.ts'
import { Problem } from '../../src/problem.ts'
import type { OrderRow } from '../../src/storage/orders.ts'
import { load, place, proven, type TestServices } from './open-test-services.ts'

/** A product that is not free, so that its orders are renewed. */
export const paid = 'geotrust-dv-1-starter'

/** Places an order and has it issued. */
export async function issueOne(test: TestServices, changes: Partial<OrderRequest> = {}): Promise<OrderRow> {
  const order = await place(test, changes)
  return await issuePlaced(test, order.id)
}

/** Has an order issued that awaits its proof. */
export async function issuePlaced(test: TestServices, orderId: number): Promise<OrderRow> {
  const { look } = test.world
  test.world.look = () => Promise.resolve(proven)
  await test.services.advancer.advance(orderId, AbortSignal.timeout(20_000))
  test.world.look = look
  const order = await load(test, orderId)
  assert.equal(order.state, 'issued')
  return order
}

/** The name of the problem that some work ends with, or `done`. */
export async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'done'
  } catch (error) {
    if (error instanceof Problem) return error.problem
    throw error
  }
}

/** The same of several that run at once, in order of names. */
export async function outcomes(...works: Promise<unknown>[]): Promise<string[]> {
  return (await Promise.all(works.map((work) => outcome(work)))).sort()
}

/** The counters of the plan that an order took its unit from. */
export async function countersOf(test: TestServices, orderId: number): Promise<{ total: number; used: number; issued: number }> {
  const row = await test.services.db.read
    .selectFrom('plans')
    .innerJoin('instances', 'instances.plan_id', 'plans.id')
    .innerJoin('orders', 'orders.instance_id', 'instances.id')
    .select(['plans.total', 'plans.used', 'plans.issued'])
    .where('orders.id', '=', orderId)
    .executeTakeFirstOrThrow()
  // Rows of SQLite have no prototype.
  return { ...row }
}

/** The kinds of the ledger lines of an order, in the order in which they were written. */
export async function linesOf(test: TestServices, orderId: number): Promise<string[]> {
  const rows = await test.services.db.read
    .selectFrom('ledger_entries')
    .select('kind')
    .where('order_id', '=', orderId)
    .orderBy('id')
    .execute()
  return rows.map(({ kind }) => kind)
}

/** Ledger, counters and states agree. */
export async function assertAgrees(test: TestServices): Promise<void> {
  const { differences, orders } = await auditPlans(test.services.db.read)
  assert.deepEqual({ differences, orders, faults: test.faults }, { differences: [], orders: [], faults: [] })
}
