import { type Kysely, type RawBuilder, sql } from 'kysely'
import { ofAccount, type RangeList } from './list-ranges.ts'
import type { OrderRow } from './orders.ts'
import type { OrderState, Schema } from './schema.ts'

/** An instant after which, and up to which, a certificate ends, ms. */
export interface EndBounds {
  readonly after?: number | undefined
  readonly until?: number | undefined
}

/** Orders that are wanted: of some states, or issued ones whose certificate ends within bounds; else all but deleted ones. */
export interface OrderFilter {
  readonly accountId: number
  readonly group: string | undefined
  readonly only: { readonly states: readonly Exclude<OrderState, 'deleted'>[] } | { readonly ends: EndBounds } | undefined
}

/** The ranges of a filter. Issued orders by their end come with the latest end first, others with the newest. */
export function orderRanges({ accountId, group, only }: OrderFilter): RangeList {
  const account = sql`account_id = ${accountId}`
  const inGroup = group === undefined ? account : sql`${account} and resource_group = ${group}`
  if (only === undefined)
    return { table: 'orders', by: undefined, isWhole: group === undefined, ranges: [sql`${inGroup} and state <> 'deleted'`] }
  if ('states' in only) {
    return {
      table: 'orders',
      by: undefined,
      isWhole: false,
      ranges: only.states.map((state) => sql`${inGroup} and state = ${sql.lit(state)}`),
    }
  }
  return {
    table: 'orders',
    by: 'certificate_ends_at',
    isWhole: false,
    ranges: [sql`${inGroup} and state = 'issued' and ${within('certificate_ends_at', only.ends)}`],
  }
}

/** A condition that a column lies within bounds; it is never null then. */
export function within(column: 'certificate_ends_at' | 'not_after', { after, until }: EndBounds): RawBuilder<unknown> {
  const end = sql.ref(column)
  const bounds = [...(after === undefined ? [] : [sql`${end} > ${after}`]), ...(until === undefined ? [] : [sql`${end} <= ${until}`])]
  return bounds.length === 0 ? sql`${end} is not null` : sql.join(bounds, sql` and `)
}

/** What lists show of an order. */
export type ListedOrder = Pick<
  OrderRow,
  | 'id'
  | 'instance_id'
  | 'lineage_id'
  | 'renews_order_id'
  | 'product_code'
  | 'state'
  | 'domain'
  | 'names'
  | 'key_algorithm'
  | 'certificate_id'
  | 'certificate_ends_at'
  | 'resource_group'
  | 'created_at'
> & {
  readonly certificate_begins_at: number | null
  /** The plan that its unit comes from. */
  readonly plan_id: number
}

function selectListed(read: Kysely<Schema>, accountId: number) {
  return read
    .selectFrom('orders')
    .innerJoin('instances', 'instances.id', 'orders.instance_id')
    .leftJoin('certificates', 'certificates.id', 'orders.certificate_id')
    .select([
      'orders.id',
      'orders.instance_id',
      'orders.lineage_id',
      'orders.renews_order_id',
      'orders.product_code',
      'orders.state',
      'orders.domain',
      'orders.names',
      'orders.key_algorithm',
      'orders.certificate_id',
      'orders.certificate_ends_at',
      'orders.resource_group',
      'orders.created_at',
      'certificates.not_before as certificate_begins_at',
      'instances.plan_id',
    ])
    .where(ofAccount(accountId, 'orders.account_id'))
}

/** Orders of the account in the order of the ids given; ids that are no order of it are left out. */
export async function listOrderRows(read: Kysely<Schema>, accountId: number, ids: readonly number[]): Promise<ListedOrder[]> {
  if (ids.length === 0) return []
  const rows = await selectListed(read, accountId).where('orders.id', 'in', ids).execute()
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

/** All orders of a chain of renewals that are not deleted, the latest first. By time: ids of several processes say nothing about it. */
export async function listChain(read: Kysely<Schema>, accountId: number, firstId: number): Promise<ListedOrder[]> {
  const chain = () => selectListed(read, accountId).where('orders.state', '!=', 'deleted')
  const [first, renewals] = [
    await chain().where('orders.id', '=', firstId).execute(),
    await chain().where('orders.lineage_id', '=', firstId).where('orders.account_id', '=', accountId).execute(),
  ]
  return [...first, ...renewals].sort((a, b) => b.created_at - a.created_at || b.id - a.id)
}

/** What the lines of orders are made of. */
export async function listOrderNames(
  read: Kysely<Schema>,
  accountId: number,
  ids: readonly number[],
): Promise<Pick<OrderRow, 'id' | 'domain' | 'names' | 'instance_id' | 'lineage_id'>[]> {
  if (ids.length === 0) return []
  return await read
    .selectFrom('orders')
    .select(['id', 'domain', 'names', 'instance_id', 'lineage_id'])
    .where('id', 'in', ids)
    .where(ofAccount(accountId))
    .execute()
}

/** The highest id of an account's orders, certificates or plans; 0 if there is none. */
export async function findNewestId(read: Kysely<Schema>, table: RangeList['table'], accountId: number): Promise<number> {
  if (table === 'certificate_cards') {
    const { rows } = await sql<{ id: number | null }>`select max(id) as id from (${sql.join(
      (['buy', 'test', 'upload'] as const).map(
        (origin) => sql`select max(id) as id from certificate_cards
          where account_id = ${accountId} and origin = ${sql.lit(origin)} and deleted_at is null`,
      ),
      sql` union all `,
    )}) as origins`.execute(read)
    return rows[0]?.id ?? 0
  }
  const { rows } = await sql<{ id: number }>`select id from ${sql.table(table)}
    where account_id = ${accountId} ${table === 'orders' ? sql`and state <> 'deleted'` : sql``}
    order by id desc limit 1`.execute(read)
  return rows[0]?.id ?? 0
}
