import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { auditPlans } from '../../src/plans/audit-plans.ts'
import { connectionOptions } from '../../src/storage/postgres/connection.ts'
import type { Schema } from '../../src/storage/schema.ts'
import { sqliteDialect } from '../../src/storage/sqlite/kysely-dialect.ts'
import type { Book } from './book.ts'
import type { ServiceData } from './service.ts'

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
  await checkLedger(read)
  await checkCertificates(read, book)
  await checkEvents(read)
  await checkPurchases(read, book)
  assert.deepEqual(book.violations, [])
}

async function checkOrders(read: Reader, { applications }: Book): Promise<void> {
  const rows = await read.selectFrom('orders').select(['id', 'domain', 'state', 'certificate_id']).execute()
  const byDomain = Map.groupBy(rows, ({ domain }) => domain)
  for (const { domain, orderId, certificateId, revocation } of applications) {
    const own = byDomain.get(domain) ?? []
    assert.ok(own.length <= 1, `${domain} has ${own.length} orders for one token`)
    if (orderId === undefined) continue
    assert.equal(own[0]?.id, orderId, `the acknowledged order ${orderId} of ${domain} is missing`)
    if (certificateId === undefined) continue
    assert.equal(own[0].certificate_id, certificateId, `the certificate ${certificateId} that ${domain} was given is missing`)
    if (revocation === 'acknowledged') assert.equal(own[0].state, 'revoked', `the acknowledged revocation of ${domain} is missing`)
  }
  assert.ok(rows.length <= applications.length, 'there are orders that nobody applied for')
}

/** Each order takes one unit once and commits it at most once, whatever the counters say. */
async function checkLedger(read: Reader): Promise<void> {
  const lines = await read.selectFrom('ledger_entries').select(['kind', 'order_id', 'units']).where('order_id', 'is not', null).execute()
  const seen = new Set<string>()
  for (const { kind, order_id, units } of lines) {
    assert.equal(units, 1)
    assert.ok(!seen.has(`${kind} ${order_id}`), `${kind} of order ${order_id} is counted twice`)
    seen.add(`${kind} ${order_id}`)
  }
  for (const { id } of await read.selectFrom('orders').select('id').execute())
    assert.ok(seen.has(`reserve ${id}`), `order ${id} is not reserved`)
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

async function checkEvents(read: Reader): Promise<void> {
  const events = await read.selectFrom('events').select(['kind', 'resource']).execute()
  const seen = new Set<string>()
  for (const { kind, resource } of events) {
    // Whoever asks twice gets it twice, and both times are on record.
    if (kind === 'key.read') continue
    if (!resource.startsWith('order/') && !resource.startsWith('certificate/')) continue
    assert.ok(!seen.has(`${kind} ${resource}`), `${kind} of ${resource} is on record twice`)
    seen.add(`${kind} ${resource}`)
  }
  for (const { id, state } of await read.selectFrom('orders').select(['id', 'state']).execute()) {
    assert.ok(seen.has(`order.placed order/${id}`), `order ${id} has no event`)
    if (state === 'issued' || state === 'revoked') assert.ok(seen.has(`order.issued order/${id}`), `the issue of order ${id} has no event`)
  }
}

async function checkPurchases(read: Reader, { purchases }: Book): Promise<void> {
  const plans = await read.selectFrom('plans').select(['id', 'total']).execute()
  const ids = new Set(plans.map(({ id }) => id))
  for (const { planId } of purchases.values()) assert.ok(planId === undefined || ids.has(planId), `the bought plan ${planId} is missing`)
  assert.ok(plans.length <= purchases.size + 1, 'there are plans that nobody bought')
}
