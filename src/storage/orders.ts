import { type Kysely, type Selectable, sql, type SqlBool } from 'kysely'
import { prepareRead } from './prepared-read.ts'
import type { OrderTable, Schema } from './schema.ts'

export type OrderRow = Selectable<OrderTable>

/** One order of the account; undefined for another account's, exactly as for one that does not exist. */
export async function findOrder(read: Kysely<Schema>, accountId: number, orderId: number): Promise<OrderRow | undefined> {
  const [row] = await readOrder(read, { accountId, orderId })
  return row
}

const readOrder = prepareRead((read, { accountId, orderId }: { accountId: number; orderId: number }) =>
  read.selectFrom('orders').selectAll().where('id', '=', orderId).where('account_id', '=', accountId),
)

/** One order whoever owns it: for the runner, never for a door. */
export async function findOrderOfAnyAccount(read: Kysely<Schema>, orderId: number): Promise<OrderRow | undefined> {
  const [row] = await readOrderOfAnyAccount(read, { orderId })
  return row
}

const readOrderOfAnyAccount = prepareRead((read, { orderId }: { orderId: number }) =>
  read.selectFrom('orders').selectAll().where('id', '=', orderId),
)

/** The authorizations that an order waits for or has. */
export async function listAuthorizations(read: Kysely<Schema>, orderId: number): Promise<Selectable<Schema['authorizations']>[]> {
  return await readAuthorizations(read, { orderId })
}

const readAuthorizations = prepareRead((read, { orderId }: { orderId: number }) =>
  read
    .selectFrom('authorizations')
    .innerJoin('order_authorizations', 'order_authorizations.authorization_id', 'authorizations.id')
    .selectAll('authorizations')
    .where('order_authorizations.order_id', '=', orderId)
    .orderBy('authorizations.id'),
)

/** Ids of the orders that are due, the longest due first. */
export async function listDueOrders(read: Kysely<Schema>, now: number, limit: number): Promise<number[]> {
  const rows = await readDueOrders(read, { now })
  return rows.slice(0, limit).map(({ id }) => id)
}

/** More than the runner takes at once, or has taken. */
const MOST_DUE = 256

const readDueOrders = prepareRead((read, { now }: { now: number }) =>
  read
    .selectFrom('orders')
    .select('id')
    .where('run_at', '<=', now)
    // Claimed by another process: looking at it again would only cost a write. Clocks decide nothing here; the claim itself does.
    .where((is) => is.or([is('lease_until', 'is', null), is('lease_until', '<=', now)]))
    .orderBy('run_at')
    .limit(sql.lit(MOST_DUE)),
)

/** When the next order is due after `now`, ms; undefined if none is. */
export async function nextOrderDue(read: Kysely<Schema>, now: number): Promise<number | undefined> {
  const [row] = await readNextDue(read, { now })
  return row?.run_at ?? undefined
}

const readNextDue = prepareRead((read, { now }: { now: number }) =>
  read.selectFrom('orders').select('run_at').where('run_at', '>', now).orderBy('run_at').limit(sql.lit(1)),
)

/** Looks at an order, and those at authorizations that it shares with others. */
export function isLookOf(orderId: number) {
  return sql<SqlBool>`(validation_attempts.order_id = ${orderId} or (validation_attempts.order_id is null
    and validation_attempts.authorization_id in (select authorization_id from order_authorizations where order_authorizations.order_id = ${orderId})))`
}

/** The latest attempts of an order with the names that they looked at, newest first. */
export async function listValidationAttempts(
  read: Kysely<Schema>,
  orderId: number,
  limit: number,
): Promise<(Selectable<Schema['validation_attempts']> & { identifier: string })[]> {
  return await read
    .selectFrom('validation_attempts')
    // Stays when an application is taken back, unlike its place among the proofs of the order.
    .innerJoin('authorizations', 'authorizations.id', 'validation_attempts.authorization_id')
    .selectAll('validation_attempts')
    .select('authorizations.identifier')
    .where(isLookOf(orderId))
    .orderBy('validation_attempts.id', 'desc')
    .limit(limit)
    .execute()
}

/** The instance that an order belongs to. */
export async function findInstance(read: Kysely<Schema>, instanceId: number): Promise<Selectable<Schema['instances']> | undefined> {
  const [row] = await readInstance(read, { instanceId })
  return row
}

const readInstance = prepareRead((read, { instanceId }: { instanceId: number }) =>
  read.selectFrom('instances').selectAll().where('id', '=', instanceId),
)

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
    // Word for word as the index has it.
    .where('state', '!=', sql.lit('deleted'))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** The product codes of the orders that have a next step. */
export async function listOpenProductCodes(read: Kysely<Schema>): Promise<string[]> {
  const rows = await read.selectFrom('orders').select('product_code').distinct().where('run_at', 'is not', null).execute()
  return rows.map(({ product_code }) => product_code)
}

/** What permissions may ask of an order. */
export interface OrderAttributes {
  readonly id: number
  readonly productCode: string
  readonly method: string
  /** A-label names, possibly `*.x`. */
  readonly domains: readonly string[]
}

/** The attributes of an order, or of the order of a certificate; undefined if the account has no such order. */
export async function findOrderAttributes(
  read: Kysely<Schema>,
  accountId: number,
  by: { readonly orderId: number } | { readonly certificateId: number },
): Promise<OrderAttributes | undefined> {
  const row = await read
    .selectFrom('orders')
    .select(['id', 'product_code', 'method', 'domain', 'names'])
    .where('account_id', '=', accountId)
    .where((is) =>
      'orderId' in by
        ? is('id', '=', by.orderId)
        : is('id', '=', is.selectFrom('certificates').select('order_id').where('certificates.id', '=', by.certificateId)),
    )
    .executeTakeFirst()
  return row === undefined
    ? undefined
    : {
        id: row.id,
        productCode: row.product_code,
        method: row.method,
        domains: row.names === null ? [row.domain] : (JSON.parse(row.names) as string[]),
      }
}

/** The order that a certificate of the account was issued to; undefined for an uploaded one, and for one that was deleted. */
export async function findCertificateOrder(read: Kysely<Schema>, accountId: number, certificateId: number): Promise<number | undefined> {
  const row = await read
    .selectFrom('certificate_cards')
    .select('order_id')
    .where('id', '=', certificateId)
    .where('account_id', '=', accountId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return row?.order_id ?? undefined
}
