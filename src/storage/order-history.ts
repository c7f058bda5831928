import { type Kysely, type Selectable, sql, type SqlBool } from 'kysely'
import type { NewEvent } from './events.ts'
import { isLookOf } from './orders.ts'
import type { LedgerEntryTable, OrderTable, Schema } from './schema.ts'

/** What the ledger says of one order, the oldest line first. A line's key names its order: each kind is there at most once. */
export async function listOrderLedger(
  read: Kysely<Schema>,
  accountId: number,
  orderId: number,
): Promise<Pick<Selectable<LedgerEntryTable>, 'kind' | 'units' | 'plan_id' | 'at'>[]> {
  return await read
    .selectFrom('ledger_entries')
    .select(['kind', 'units', 'plan_id', 'at'])
    .where(
      'idempotency_key',
      'in',
      ['reserve', 'commit', 'refund', 'expire'].map((kind) => `${kind}:${orderId}`),
    )
    .where('account_id', '=', accountId)
    .orderBy('id')
    .execute()
}

/** How many looks at its names an order has on record. */
export async function countValidationAttempts(read: Kysely<Schema>, orderId: number): Promise<number> {
  const row = await read
    .selectFrom('validation_attempts')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(isLookOf(orderId))
    .executeTakeFirst()
  return row?.count ?? 0
}

/** An event of an order that no row tells of any more once the order has moved on. */
export interface OrderEvent {
  readonly at: number
  readonly kind: string
  readonly detail: NewEvent['detail']
}

/** Word for word as the index `events_of_orders` has it: an order that was asked about often has far more events of calls. */
const turns = sql<SqlBool>`kind in ('order.submitted', 'order.withdrawn', 'order.failed', 'review.opened', 'review.decided', 'resourceGroup.changed', 'certificate.deleted')`

/** The latest turns in the life of an order and of its certificate, the oldest first; those that retention has deleted are missing. */
export async function listOrderEvents(
  read: Kysely<Schema>,
  accountId: number,
  { orderId, certificateId }: { readonly orderId: number; readonly certificateId: number | null },
  limit: number,
): Promise<OrderEvent[]> {
  const of = async (resource: string) =>
    await read
      .selectFrom('events')
      .select(['id', 'at', 'kind', 'detail'])
      .where('account_id', '=', accountId)
      .where('resource', '=', resource)
      .where(turns)
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
  const found = await Promise.all([of(`order/${orderId}`), certificateId === null ? [] : of(`certificate/${certificateId}`)])
  return (
    found
      .flat()
      .toSorted((a, b) => a.at - b.at || a.id - b.id)
      // Stored by the service itself.
      .map(({ at, kind, detail }) => ({ at, kind, detail: JSON.parse(detail) as NewEvent['detail'] }))
  )
}

/** What was ever proven by looks of an order, also for an application that was taken back since. */
export async function listEarlierProofs(
  read: Kysely<Schema>,
  orderId: number,
): Promise<Pick<Selectable<Schema['authorizations']>, 'identifier' | 'method' | 'validated_at'>[]> {
  return await read
    .selectFrom('authorizations')
    .select(['identifier', 'method', 'validated_at'])
    .where('id', 'in', (is) =>
      is.selectFrom('validation_attempts').select('authorization_id').where(isLookOf(orderId)).where('outcome', '=', 'proven'),
    )
    .orderBy('id')
    .execute()
}

/** The order that renews another, unless it came to nothing. */
export async function findRenewal(
  read: Kysely<Schema>,
  orderId: number,
): Promise<Pick<Selectable<OrderTable>, 'id' | 'state' | 'created_at'> | undefined> {
  return await read
    .selectFrom('orders')
    .select(['id', 'state', 'created_at'])
    .where('renews_order_id', '=', orderId)
    // Word for word as the index has it.
    .where(sql<SqlBool>`state not in ('deleted', 'failed', 'revoked')`)
    .executeTakeFirst()
}
