import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { verifyLog } from '../../src/audit/verify-log.ts'
import { auditPlans } from '../../src/plans/audit-plans.ts'
import type { Services } from '../../src/services.ts'
import { findAuditLog } from '../../src/storage/audit.ts'
import { BLOCK_LINES, findInBlock } from '../../src/storage/keyword-lines.ts'
import { connectionOptions } from '../../src/storage/postgres/connection.ts'
import type { Schema } from '../../src/storage/schema.ts'
import { sqliteDialect } from '../../src/storage/sqlite/kysely-dialect.ts'
import { checkAcme } from './acme-invariants.ts'
import type { Book } from './book.ts'
import { checkKeys, checkLedger, checkOrders, checkReviews } from './order-invariants.ts'
import type { ServiceData } from './service.ts'
import { findThingFaults } from './things.ts'
import { AGED_LINE } from './age.ts'

type Reader = Kysely<Schema>

/** Reads the database of a service beside it, all of one moment. */
export async function readSnapshot<T>({ folder, databaseUrl }: ServiceData, work: (read: Reader) => Promise<T>): Promise<T> {
  if (databaseUrl === undefined) {
    const file = new DatabaseSync(join(folder, 'chancery.db'), { readOnly: true, timeout: 5_000 })
    try {
      file.exec('begin')
      return await work(new Kysely<Schema>({ dialect: sqliteDialect(file) }))
    } finally {
      file.close()
    }
  }
  const read = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ ...connectionOptions(databaseUrl, 'test'), max: 1 }) }),
  })
  try {
    return await read.transaction().setIsolationLevel('repeatable read').execute(work)
  } finally {
    await read.destroy()
  }
}

/** The id of the CA that issues. */
export async function findIssuerId(read: Reader): Promise<string> {
  const issuer = await read.selectFrom('issuers').select('id').where('kind', '=', 'intermediate').executeTakeFirstOrThrow()
  return issuer.id
}

/** Holds the database against what the client was told, and against itself. */
export async function checkInvariants(read: Reader, book: Book): Promise<void> {
  const { differences, orders: faults } = await auditPlans(read)
  assert.deepEqual({ differences, faults }, { differences: [], faults: [] }, 'plan audit')
  await checkOrders(read, book)
  await checkLedger(read, book)
  await checkReviews(read)
  await checkAcme(read, book.acme)
  await checkKeys(read)
  assert.deepEqual(await findThingFaults(read, book.things), [])
  await checkCertificates(read, book)
  await checkEvents(read)
  await checkPurchases(read, book)
  await checkLines(read)
  await checkAuditLog(read)
  assert.deepEqual(book.violations, [])
}

/** The log has no gap and no fork, whatever moment it was killed at. Before the first start was over there is none. */
async function checkAuditLog(read: Reader): Promise<void> {
  if ((await findAuditLog(read)) === undefined) return
  const { faults } = await verifyLog({ db: { read } as Services['db'] }, undefined, undefined)
  assert.deepEqual(faults, [], 'audit log')
}

/** Each line that keywords are looked for in is loose or in a block, never both, and none is lost. */
async function checkLines(read: Reader): Promise<void> {
  const loose = await read.selectFrom('keyword_lines').select('id').where('line', '=', AGED_LINE).execute()
  const blocks = await read.selectFrom('keyword_blocks').select('body').execute()
  const ids = [...loose.map(({ id }) => id), ...blocks.flatMap(({ body }) => findInBlock(body, AGED_LINE))]
  assert.deepEqual([ids.length, new Set(ids).size], ids.length === 0 ? [0, 0] : [BLOCK_LINES, BLOCK_LINES], 'lines of keywords')
}

async function checkCertificates(read: Reader, { crls }: Book): Promise<void> {
  const orphans = await read
    .selectFrom('certificates')
    .leftJoin('issuance_intents as i', (join) =>
      join.onRef('i.issuer_id', '=', 'certificates.issuer_id').onRef('i.serial', '=', 'certificates.serial'),
    )
    .select('certificates.id')
    .where('i.serial', 'is', null)
    .execute()
  assert.deepEqual(orphans, [], 'certificates without their intent')
  const perOrder = Map.groupBy(
    await read.selectFrom('certificates').select('order_id').where('order_id', 'is not', null).execute(),
    (row) => row.order_id,
  )
  for (const [orderId, own] of perOrder) assert.equal(own.length, 1, `order ${orderId} has ${own.length} certificates`)
  const stored = await read.selectFrom('crls').select('number').where('shard', '=', 0).execute()
  const highest = Math.max(0, ...crls.keys())
  assert.ok(
    stored.some(({ number }) => number >= highest),
    `CRL ${highest} was served, and the newest on record is older`,
  )
}

const repeatable = new Set([
  'key.read',
  'call',
  'order.submitted',
  'order.withdrawn',
  // One of the reviewer's, one of the owner's.
  'review.decided',
  'tags.changed',
  'resourceGroup.changed',
])

async function checkEvents(read: Reader): Promise<void> {
  const events = await read.selectFrom('events').select(['kind', 'resource']).execute()
  const seen = new Set<string>()
  for (const { kind, resource } of events) {
    // What can happen to one order twice is on record twice.
    if (repeatable.has(kind)) continue
    if (!resource.startsWith('order/') && !resource.startsWith('certificate/')) continue
    assert.ok(!seen.has(`${kind} ${resource}`), `${kind} of ${resource} is on record twice`)
    seen.add(`${kind} ${resource}`)
  }
  for (const { id, state } of await read.selectFrom('orders').select(['id', 'state']).execute()) {
    assert.ok(seen.has(`order.placed order/${id}`), `order ${id} has no event`)
    if (state === 'deleted') assert.ok(seen.has(`order.deleted order/${id}`), `the deletion of order ${id} has no event`)
    if (state === 'failed') assert.ok(seen.has(`order.failed order/${id}`), `the failure of order ${id} has no event`)
    if (state === 'issued' || state === 'revoked') assert.ok(seen.has(`order.issued order/${id}`), `the issue of order ${id} has no event`)
  }
}

/** Of the free product, and of what ACME clients order. */
const STARTER_PLANS = 2

async function checkPurchases(read: Reader, { purchases }: Book): Promise<void> {
  const plans = await read.selectFrom('plans').select(['id', 'total']).execute()
  const ids = new Set(plans.map(({ id }) => id))
  for (const { planId } of purchases.values()) assert.ok(planId === undefined || ids.has(planId), `the bought plan ${planId} is missing`)
  assert.ok(plans.length <= purchases.size + STARTER_PLANS, 'there are plans that nobody bought')
}
