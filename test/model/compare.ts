import assert from 'node:assert/strict'
import { auditPlans } from '../../src/plans/audit-plans.ts'
import type { Services } from '../../src/services.ts'
import { apply } from './model.ts'
import type { Model, ModelOrder } from './model-state.ts'
import { products } from './operations.ts'
import type { System } from './system.ts'

/** Holds everything that is stored and answered against the model. */
export async function compare({ db }: Pick<Services, 'db'>, system: System, model: Model): Promise<void> {
  await compareOrders(db.read, system, model)
  await comparePlans(db.read, system, model)
  await compareLines(db.read, system, model)
  await compareEvents(db.read, system, model)
  await compareCertificates(db.read, system, model)
  const { differences, orders } = await auditPlans(db.read)
  assert.deepEqual({ differences, orders }, { differences: [], orders: [] }, 'plan audit')
  await compareAnswers(system, model)
}

type Reader = Services['db']['read']

async function compareOrders(read: Reader, { accountId }: System, { orders }: Model): Promise<void> {
  const rows = await read
    .selectFrom('orders')
    .leftJoin('reviews', 'reviews.order_id', 'orders.id')
    .select(['orders.id', 'orders.state', 'orders.attempts', 'orders.run_at', 'orders.names', 'orders.domain', 'reviews.state as review'])
    .where('orders.account_id', '=', accountId)
    .orderBy('orders.id')
    .execute()
  assert.deepEqual(
    rows.map(({ review, names, domain, ...row }) => ({
      ...row,
      names: names === null ? [domain] : (JSON.parse(names) as string[]),
      open: review === 'open',
    })),
    orders.map(({ id, state, attempts, runAt, names }) => ({ id, state, attempts, run_at: runAt, names, open: state === 'reviewing' })),
    'orders',
  )
}

async function comparePlans(read: Reader, system: System, { plans, now }: Model): Promise<void> {
  const rows = await read
    .selectFrom('plans')
    .select(['id', 'total', 'used', 'issued', 'revocation_refunds', 'valid_until'])
    .where('account_id', '=', system.accountId)
    .orderBy('id')
    .execute()
  assert.deepEqual(
    // SQLite's rows have no prototype.
    rows.map((row) => ({ ...row })),
    plans.map(({ id, total, used, issued, refunds, endsAt }) => ({
      id,
      total,
      used,
      issued,
      revocation_refunds: refunds,
      valid_until: endsAt,
    })),
    'plans',
  )
  for (const ProductCode of products) {
    const living = plans.filter(({ product, endsAt }) => product === ProductCode && endsAt > now)
    const sum = (field: 'total' | 'used' | 'issued') => living.reduce((total, plan) => total + plan[field], 0)
    const body = { ProductCode, TotalCount: sum('total'), UsedCount: sum('used'), IssuedCount: sum('issued') }
    assert.deepEqual(await system.call('DescribePackageState', { ProductCode }), { body })
  }
}

async function compareLines(read: Reader, { accountId }: System, { orders, plans }: Model): Promise<void> {
  const rows = await read
    .selectFrom('ledger_entries')
    .select(['order_id', 'plan_id', 'kind', 'units'])
    .where('account_id', '=', accountId)
    .orderBy('id')
    .execute()
  const byOrder = Map.groupBy(rows, ({ order_id }) => order_id)
  for (const { id, lines, plan } of orders) {
    const own = (byOrder.get(id ?? 0) ?? []).map(({ kind, plan_id, units }) => `${units} ${kind} of ${plan_id}`)
    assert.deepEqual(
      own,
      lines.map((kind) => `1 ${kind} of ${plan.id}`),
      `the ledger of order ${id}`,
    )
  }
  assert.equal(rows.length, plans.length + orders.flatMap(({ lines }) => lines).length, 'lines of nobody')
}

async function compareEvents(read: Reader, { accountId }: System, { orders }: Model): Promise<void> {
  const certificates = await read.selectFrom('orders').select(['id', 'certificate_id']).where('account_id', '=', accountId).execute()
  const orderOf = new Map(certificates.map(({ id, certificate_id }) => [`certificate/${certificate_id}`, `order/${id}`]))
  const rows = await read
    .selectFrom('events')
    .select(['kind', 'resource'])
    .where('account_id', '=', accountId)
    .where('kind', 'not in', ['key.read', 'call'])
    .orderBy('id')
    .execute()
  const byOrder = Map.groupBy(rows, ({ resource }) => orderOf.get(resource) ?? resource)
  for (const { id, events } of orders) {
    assert.deepEqual(
      (byOrder.get(`order/${id}`) ?? []).map(({ kind }) => kind),
      events,
      `the events of order ${id}`,
    )
  }
}

async function compareCertificates(read: Reader, { accountId }: System, { orders }: Model): Promise<void> {
  const rows = await read
    .selectFrom('certificates')
    .innerJoin('certificate_cards', 'certificate_cards.id', 'certificates.id')
    .select([
      'certificates.order_id',
      'certificates.not_after',
      'certificates.revoked_at',
      'certificate_cards.revoked_at as card_revoked_at',
    ])
    .select(['certificate_cards.sans', 'certificate_cards.resource'])
    .where('certificates.account_id', '=', accountId)
    .orderBy('certificates.order_id')
    .execute()
  assert.deepEqual(
    rows.map(({ revoked_at, card_revoked_at, ...row }) => ({ ...row, revoked: [revoked_at !== null, card_revoked_at !== null] })),
    orders
      .filter(({ state }) => state === 'issued' || state === 'revoked')
      .map(({ id, notAfter, state, names, ...order }) => ({
        order_id: id,
        not_after: notAfter,
        sans: names.join(','),
        resource: `cas-cert-${firstOf({ id, ...order })}`,
        revoked: [state === 'revoked', state === 'revoked'],
      })),
    'certificates',
  )
}

/** The first order of a chain of renewals. */
function firstOf({ id, renews }: Pick<ModelOrder, 'id' | 'renews'>): number | undefined {
  return renews === undefined ? id : firstOf(renews)
}

async function compareAnswers(system: System, model: Model): Promise<void> {
  const listed = await system.call('ListOrders', { MaxResults: '100' })
  assert.ok('body' in listed)
  assert.deepEqual(
    (listed.body['Orders'] as { OrderId: number; State: string; CertId?: string }[]).map(({ OrderId, State, CertId }) => [
      OrderId,
      State,
      CertId !== undefined,
    ]),
    model.orders
      .filter(({ state }) => state !== 'deleted')
      .map(({ id, state }) => [id, state, state === 'issued' || state === 'revoked'])
      .toReversed(),
    'ListOrders',
  )
  // Last, because a look can move an order on.
  for (const order of model.orders) {
    const expected = apply(model, { action: 'DescribeCertificateState', order })
    const answer = await system.call('DescribeCertificateState', { OrderId: String(order.id) })
    if ('problem' in answer) assert.deepEqual(expected, { problem: [answer.problem] })
    else {
      assert.deepEqual(expected, { state: { Type: answer.body['Type'] } }, `the state of order ${order.id}`)
      const held = order.csr === undefined && order.state === 'issued'
      assert.equal('PrivateKey' in answer.body, held, 'the service gives the keys that it made')
    }
  }
}
