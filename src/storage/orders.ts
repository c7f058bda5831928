import type { Kysely, Selectable } from 'kysely'
import type { OrderTable, Schema } from './schema.ts'

export type OrderRow = Selectable<OrderTable>

/** One order of the account; undefined for another account's, exactly as for one that does not exist. */
export async function findOrder(read: Kysely<Schema>, accountId: number, orderId: number): Promise<OrderRow | undefined> {
  return await read.selectFrom('orders').selectAll().where('id', '=', orderId).where('account_id', '=', accountId).executeTakeFirst()
}

/** One order whoever owns it: for the runner, never for a door. */
export async function findOrderOfAnyAccount(read: Kysely<Schema>, orderId: number): Promise<OrderRow | undefined> {
  return await read.selectFrom('orders').selectAll().where('id', '=', orderId).executeTakeFirst()
}

/** The authorizations that an order waits for or has. */
export async function listAuthorizations(read: Kysely<Schema>, orderId: number): Promise<Selectable<Schema['authorizations']>[]> {
  return await read
    .selectFrom('authorizations')
    .innerJoin('order_authorizations', 'order_authorizations.authorization_id', 'authorizations.id')
    .selectAll('authorizations')
    .where('order_authorizations.order_id', '=', orderId)
    .orderBy('authorizations.id')
    .execute()
}

/** Ids of the orders that are due, the longest due first. */
export async function listDueOrders(read: Kysely<Schema>, now: number, limit: number): Promise<number[]> {
  const rows = await read
    .selectFrom('orders')
    .select('id')
    .where('run_at', '<=', now)
    // Claimed by another process: looking at it again would only cost a write. Clocks decide nothing here; the claim itself does.
    .where((is) => is.or([is('lease_until', 'is', null), is('lease_until', '<=', now)]))
    .orderBy('run_at')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** When the next order is due after `now`, ms; undefined if none is. */
export async function nextOrderDue(read: Kysely<Schema>, now: number): Promise<number | undefined> {
  const row = await read.selectFrom('orders').select('run_at').where('run_at', '>', now).orderBy('run_at').limit(1).executeTakeFirst()
  return row?.run_at ?? undefined
}

/** The latest attempts of an order, newest first. */
export async function listValidationAttempts(
  read: Kysely<Schema>,
  orderId: number,
  limit: number,
): Promise<Selectable<Schema['validation_attempts']>[]> {
  return await read
    .selectFrom('validation_attempts')
    .selectAll()
    .where('order_id', '=', orderId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** The instance that an order belongs to. */
export async function findInstance(read: Kysely<Schema>, instanceId: number): Promise<Selectable<Schema['instances']> | undefined> {
  return await read.selectFrom('instances').selectAll().where('id', '=', instanceId).executeTakeFirst()
}

/** Tags of an order. */
export async function listOrderTags(read: Kysely<Schema>, accountId: number, orderId: number): Promise<{ key: string; value: string }[]> {
  return await read
    .selectFrom('tags')
    .select(['key', 'value'])
    .where('account_id', '=', accountId)
    .where('resource_type', '=', 'order')
    .where('resource_id', '=', orderId)
    .orderBy('key')
    .execute()
}

/** When the longest waiting order was or will be due, ms. */
export async function oldestDueOrder(read: Kysely<Schema>): Promise<number | undefined> {
  const row = await read.selectFrom('orders').select('run_at').where('run_at', 'is not', null).orderBy('run_at').limit(1).executeTakeFirst()
  return row?.run_at ?? undefined
}

/** Orders that have a next step, by state: as many rows are read as orders are open, not as there ever were. */
export async function countOpenOrders(read: Kysely<Schema>): Promise<{ state: OrderTable['state']; count: number }[]> {
  return await read
    .selectFrom('orders')
    .select(['state', read.fn.countAll<number>().as('count')])
    .where('run_at', 'is not', null)
    .groupBy('state')
    .execute()
}

/** One page of an account's orders, newest first: those below `beforeId`, or from the newest one on. */
export async function listOrders(
  read: Kysely<Schema>,
  accountId: number,
  beforeId: number | undefined,
  limit: number,
): Promise<Pick<OrderRow, 'id' | 'domain' | 'product_code' | 'method' | 'state' | 'created_at' | 'certificate_id'>[]> {
  return await read
    .selectFrom('orders')
    .select(['id', 'domain', 'product_code', 'method', 'state', 'created_at', 'certificate_id'])
    .where('account_id', '=', accountId)
    .where('id', '<', beforeId ?? Number.MAX_SAFE_INTEGER)
    .where('state', '!=', 'deleted')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** The product codes of the orders that have a next step. */
export async function listOpenProductCodes(read: Kysely<Schema>): Promise<string[]> {
  const rows = await read.selectFrom('orders').select('product_code').distinct().where('run_at', 'is not', null).execute()
  return rows.map(({ product_code }) => product_code)
}
