import assert from 'node:assert/strict'
import type { Kysely } from 'kysely'
import type { Schema } from '../../src/storage/schema.ts'
import type { Application, Book } from './book.ts'

type Reader = Kysely<Schema>

/** Every order is one that the client asked for, once, and stands where the client was told. */
export async function checkOrders(read: Reader, { applications }: Book): Promise<void> {
  const rows = await read
    .selectFrom('orders')
    .select(['id', 'domain', 'state', 'certificate_id', 'renews_order_id', 'resource_group'])
    .where('acme_account_id', 'is', null)
    .execute()
  const byName = Map.groupBy(rows, ({ domain, renews_order_id: renews }) => nameOf(domain, renews !== null))
  for (const application of applications) {
    const { domain, orderId, certificateId, revocation, deletion, renews } = application
    const own = byName.get(nameOf(domain, renews !== undefined)) ?? []
    assert.ok(own.length <= 1, `${domain} has ${own.length} orders for one token`)
    if (orderId === undefined) continue
    const [row] = own
    assert.equal(row?.id, orderId, `the acknowledged order ${orderId} of ${domain} is missing`)
    if (renews !== undefined) assert.equal(row.renews_order_id, renews.orderId, `the order ${orderId} renews another`)
    if (deletion === 'acknowledged') assert.equal(row.state, 'deleted', `the acknowledged deletion of ${domain} is missing`)
    if (deletion === 'none') assert.notEqual(row.state, 'deleted', `${domain} was deleted by nobody`)
    if (certificateId === undefined) continue
    assert.equal(row.certificate_id, certificateId, `the certificate ${certificateId} that ${domain} was given is missing`)
    if (revocation === 'acknowledged') assert.equal(row.state, 'revoked', `the acknowledged revocation of ${domain} is missing`)
    assertMark(application, 'group', row.resource_group)
  }
  assert.ok(rows.length <= applications.length, 'there are orders that nobody applied for')
  const tags = await read.selectFrom('tags').select(['resource_id', 'value']).where('resource_type', '=', 'order').execute()
  const tagOf = new Map(tags.map(({ resource_id, value }) => [resource_id, value]))
  for (const application of applications) assertMark(application, 'tag', tagOf.get(application.orderId ?? 0) ?? null)
}

const nameOf = (domain: string, renewed: boolean): string => (renewed ? `${domain}, renewed` : domain)

/** A mark is the last one that was acknowledged, or one that was asked for since. */
function assertMark({ marks, domain }: Application, kind: 'tag' | 'group', stored: string | null): void {
  const allowed: readonly (string | null)[] = [marks[kind].acknowledged, ...marks[kind].asked]
  assert.ok(allowed.includes(stored), `the ${kind} of ${domain} is ${stored}, not ${allowed.join(' or ')}`)
}

/** Each order takes one unit once, commits it at most once, and gives it back at most once: if it is deleted, or was revoked for it. */
export async function checkLedger(read: Reader, { applications }: Book): Promise<void> {
  const lines = await read
    .selectFrom('ledger_entries')
    .innerJoin('orders', 'orders.id', 'ledger_entries.order_id')
    .select(['ledger_entries.kind', 'ledger_entries.order_id', 'ledger_entries.units'])
    .where('orders.acme_account_id', 'is', null)
    .execute()
  const seen = new Set<string>()
  for (const { kind, order_id, units } of lines) {
    assert.equal(units, 1)
    assert.ok(!seen.has(`${kind} ${order_id}`), `${kind} of order ${order_id} is counted twice`)
    seen.add(`${kind} ${order_id}`)
  }
  const byOrder = new Map(applications.map((application) => [application.orderId, application]))
  const orders = await read.selectFrom('orders').select(['id', 'state']).where('acme_account_id', 'is', null).execute()
  for (const { id, state } of orders) {
    assert.ok(seen.has(`reserve ${id}`), `order ${id} is not reserved`)
    assert.equal(seen.has(`commit ${id}`), state === 'issued' || state === 'revoked', `the commit of order ${id}, which is ${state}`)
    const back = state === 'deleted' || (state === 'revoked' && byOrder.get(id)?.revokedBy === 'applicant')
    assert.equal(seen.has(`refund ${id}`), back, `the refund of order ${id}, which is ${state}`)
  }
}

/** A review is open exactly while its order waits for it, and decided with its order. */
export async function checkReviews(read: Reader): Promise<void> {
  const rows = await read
    .selectFrom('orders')
    .leftJoin('reviews', 'reviews.order_id', 'orders.id')
    .select(['orders.id', 'orders.state', 'orders.product_code', 'reviews.state as review', 'reviews.decided_at'])
    .where('orders.product_code', '=', 'crash-ov')
    .execute()
  const decisions = Map.groupBy(await read.selectFrom('review_decisions').select(['order_id', 'decision']).execute(), (row) => row.order_id)
  for (const { id, state, review, decided_at } of rows) {
    const expected = expectedReview(state)
    assert.equal(review, expected, `the review of order ${id}, which is ${state}`)
    assert.equal(decided_at !== null, expected === 'approved' || expected === 'rejected', `when the review of order ${id} was decided`)
    const made = (decisions.get(id) ?? []).map(({ decision }) => decision)
    assert.deepEqual(made, expected === 'approved' ? ['approve'] : expected === 'rejected' ? ['reject'] : [], `decisions about ${id}`)
  }
}

function expectedReview(state: string): string | null {
  if (state === 'validating' || state === 'ready') return null
  if (state === 'reviewing') return 'open'
  return state === 'failed' || state === 'deleted' ? 'rejected' : 'approved'
}

/** A key is destroyed only when it was due, and then it is gone. */
export async function checkKeys(read: Reader): Promise<void> {
  const rows = await read
    .selectFrom('keys')
    .innerJoin('certificates', 'certificates.key_id', 'keys.id')
    .select(['keys.id', 'keys.sealed', 'keys.destroyed_at', 'certificates.revoked_at'])
    .execute()
  for (const { id, sealed, destroyed_at, revoked_at } of rows) {
    assert.equal(sealed === null, destroyed_at !== null, `key ${id} is destroyed by halves`)
    if (sealed === null) assert.notEqual(revoked_at, null, `key ${id} of a valid certificate is destroyed`)
  }
}
