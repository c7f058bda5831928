import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe } from 'node:test'
import { type CompiledQuery, Kysely, type RawBuilder, sql } from 'kysely'
import { seedStatements } from '../../bench/seed-orders.ts'
import { certificateRanges, listCertificateRows } from '../../src/storage/list-certificates.ts'
import { findNewestId, listChain, listOrderNames, listOrderRows, orderRanges } from '../../src/storage/list-orders.ts'
import { countQuery, keepListed, placesQuery, type RangeList } from '../../src/storage/list-ranges.ts'
import type { Schema } from '../../src/storage/schema.ts'
import { sqliteDialect } from '../../src/storage/sqlite/kysely-dialect.ts'
import { dayMs, onBothEngines, place, type TestServices, writeDirectly } from '../orders/open-test-services.ts'

const SEEDED = 5_000

/** An account with thousands of orders, and statistics of them on PostgreSQL, as a running server has them. */
async function seed(test: TestServices): Promise<number> {
  const order = await place(test)
  const { plan_id: planId } = await test.services.db.read
    .selectFrom('instances')
    .select('plan_id')
    .where('id', '=', order.instance_id)
    .executeTakeFirstOrThrow()
  const { accountId } = test.caller
  const shape = { accountId, planId, instanceId: order.instance_id, firstId: order.id + 10_000, count: SEEDED, now: test.clock.now }
  for (const statement of seedStatements(shape)) await writeDirectly(test, statement)
  if (test.services.db.engine === 'postgres') await writeDirectly(test, 'analyze')
  return order.id + 10_000 + SEEDED
}

/** How the engine answers a query: one line for each step. */
async function explain({ services: { db } }: TestServices, query: RawBuilder<unknown>): Promise<string[]> {
  if (db.engine === 'postgres') {
    const { rows } = await sql<Record<string, string>>`explain ${query}`.execute(db.read)
    return rows.flatMap((row) => Object.values(row))
  }
  const { rows } = await sql<{ detail: string }>`explain query plan ${query}`.execute(db.read)
  return rows.map(({ detail }) => detail)
}

/** Steps that read a whole table, or sort more than the rows of a page. */
const bad = (steps: readonly string[]) => steps.filter((step) => /SCAN (orders|certificate_cards)|Seq Scan on/.test(step))

function listsOf(accountId: number, now: number): Readonly<Record<string, RangeList>> {
  const lists: Record<string, RangeList> = {}
  for (const group of [undefined, 'rg-web']) {
    const orders = (only: Parameters<typeof orderRanges>[0]['only']) => orderRanges({ accountId, group, only })
    const certificates = (only: Parameters<typeof certificateRanges>[0]['only'], origins = ['buy', 'test', 'upload'] as const) =>
      certificateRanges({ accountId, group, only, origins, ids: undefined })
    const where = group === undefined ? '' : ' of a group'
    lists[`all orders${where}`] = orders(undefined)
    lists[`orders under way${where}`] = orders({ states: ['validating', 'ready', 'reviewing', 'issuing'] })
    lists[`failed orders${where}`] = orders({ states: ['failed'] })
    lists[`issued orders${where}`] = orders({ ends: { after: now } })
    lists[`expired orders${where}`] = orders({ ends: { until: now } })
    lists[`orders about to expire${where}`] = orders({ ends: { after: now, until: now + 30 * dayMs } })
    lists[`all certificates${where}`] = certificates(undefined)
    lists[`revoked certificates${where}`] = certificates('revoked')
    lists[`valid certificates${where}`] = certificates({ ends: { after: now } })
    lists[`certificates that are not revoked${where}`] = certificates({ ends: {} })
  }
  return lists
}

describe('the lists of orders and certificates', () => {
  onBothEngines('are read by indexes, page by page and counted', async (test) => {
    const newestId = await seed(test)
    for (const [name, list] of Object.entries(listsOf(test.caller.accountId, test.clock.now))) {
      const after = list.by === undefined ? { id: newestId - 100 } : { id: newestId - 100, end: test.clock.now + dayMs }
      const bounds = { newestId, skip: 0, limit: 50 }
      const queries = {
        'the first page': placesQuery(list, { ...bounds, after: undefined }),
        'a page behind another': placesQuery(list, { ...bounds, after }),
        'page 100 at once': placesQuery(list, { ...bounds, after: undefined, skip: 4_950 }),
        // What is counted is bounded: PostgreSQL may read a small table for it.
        ...(test.services.db.engine === 'sqlite' && { 'the count': countQuery(list, { newestId, most: 10_000 }) }),
      }
      for (const [what, query] of Object.entries(queries)) {
        if (test.services.db.engine === 'postgres' && what === 'page 100 at once') continue
        const steps = await explain(test, query)
        assert.deepEqual(bad(steps), [], `${what} of ${name}: ${steps.join('; ')}`)
        if (test.services.db.engine === 'sqlite') {
          assert.ok(
            steps.some((step) => /^SEARCH (orders|certificate_cards) USING (COVERING )?INDEX/.test(step)),
            `${what} of ${name}: ${steps.join('; ')}`,
          )
          // Only a union of ranges is sorted, and then its parts of a page each.
          if (list.ranges.length === 1)
            assert.ok(!steps.some((step) => step.includes('TEMP B-TREE')), `${what} of ${name}: ${steps.join('; ')}`)
        }
      }
    }
  })

  onBothEngines('read the rows of a page by their ids, not all of the account', async (test) => {
    if (test.services.db.engine !== 'sqlite') return
    const newestId = await seed(test)
    const { accountId } = test.caller
    const ids = Array.from({ length: 50 }, (_, index) => newestId - index * 7)
    const connection = new DatabaseSync(join(test.folder, 'chancery.db'), { readOnly: true })
    const asked: CompiledQuery[] = []
    const read = new Kysely<Schema>({ dialect: sqliteDialect(connection), log: ({ query }) => void asked.push(query) })
    await listOrderRows(read, accountId, ids)
    await listOrderNames(read, accountId, ids)
    await listCertificateRows(read, accountId, ids)
    await listChain(read, accountId, newestId)
    await findNewestId(read, 'orders', accountId)
    await findNewestId(read, 'certificate_cards', accountId)
    for (const list of Object.values(listsOf(accountId, test.clock.now))) await keepListed(read, 'sqlite', list, ids)
    assert.ok(asked.length > 20)
    for (const { sql: text, parameters } of asked) {
      const rows = connection.prepare(`explain query plan ${text}`).all(...(parameters as number[]))
      for (const detail of rows.map((row) => String(row['detail'])).filter((step) => /orders|certificate/.test(step))) {
        // By its id, by its chain, or the newest one alone: never a whole account.
        assert.match(
          detail,
          /PRIMARY KEY|orders_by_lineage|USING (COVERING )?INDEX (orders|certificate_cards)_listed/,
          `${detail} in ${text}`,
        )
      }
    }
    connection.close()
  })

  onBothEngines('find the due orders and the plans of a product by indexes too', async (test) => {
    await seed(test)
    const { accountId } = test.caller
    for (const query of [
      sql`select id from orders where run_at <= ${test.clock.now} order by run_at limit 16`,
      sql`select id from orders where account_id = ${accountId} and id < ${Number.MAX_SAFE_INTEGER} and state != 'deleted' order by id desc limit 20`,
      sql`select id from orders where account_id = ${accountId} and lineage_id = ${1}`,
    ]) {
      const steps = await explain(test, query)
      assert.deepEqual(bad(steps), [], steps.join('; '))
    }
  })
})
