import { type Kysely, sql, type SqlBool } from 'kysely'
import type { Schema } from './schema.ts'

/** What of the ordering API can be tagged: an order, or an uploaded certificate. */
export type TaggedKind = 'order' | 'certificate'

/** One tag of an order or an uploaded certificate. */
export interface ResourceTag {
  readonly kind: TaggedKind
  readonly id: number
  readonly key: string
  readonly value: string
}

/** Which tags of one kind are wanted, and from where on. */
export interface TagSearch {
  readonly kind: TaggedKind
  /** Of these resources alone; undefined: of all. */
  readonly ids: readonly number[] | undefined
  /** Only these tags, of resources that have them all; without a value: whatever the value. None: all tags. */
  readonly having: readonly { readonly key: string; readonly value: string | undefined }[]
  readonly afterId: number
  readonly afterKey: string
  readonly limit: number
}

/** A page of tags by resource and key. What was deleted has none. */
export async function listResourceTags(read: Kysely<Schema>, accountId: number, search: TagSearch): Promise<ResourceTag[]> {
  const { kind, ids, having, afterId, afterKey } = search
  if (ids?.length === 0) return []
  let query = read
    .selectFrom('tags as t')
    .select(['t.resource_id as id', 't.key', 't.value'])
    .where('t.account_id', '=', accountId)
    .where('t.resource_type', '=', kind)
    // As one comparison: the engines begin there in the index.
    .where(sql<SqlBool>`(t.resource_id, t.key) > (${afterId}, ${afterKey})`)
    .where(isKept(kind))
    .orderBy('t.resource_id')
    .orderBy('t.key')
    .limit(search.limit)
  if (ids !== undefined) query = query.where('t.resource_id', 'in', ids)
  if (having.length > 0) {
    query = query.where(
      't.key',
      'in',
      having.map(({ key }) => key),
    )
  }
  for (const { key, value } of having) {
    query = query.where((is) =>
      is.exists(
        is
          .selectFrom('tags as h')
          .select('h.key')
          .whereRef('h.account_id', '=', 't.account_id')
          .whereRef('h.resource_type', '=', 't.resource_type')
          .whereRef('h.resource_id', '=', 't.resource_id')
          .where('h.key', '=', key)
          .$if(value !== undefined, (any) => any.where('h.value', '=', value ?? '')),
      ),
    )
  }
  const rows = await query.execute()
  return rows.map((row) => ({ kind, ...row }))
}

/** Keys in use, from one kind of resource, at most `limit`: each is one step in an index, however many resources carry it. */
export async function listTagKeys(
  read: Kysely<Schema>,
  accountId: number,
  { kind, group, limit }: { readonly kind: TaggedKind; readonly group: string | undefined; readonly limit: number },
): Promise<string[]> {
  const first = sql`select t.key from tags as t where t.account_id = ${accountId} and t.resource_type = ${kind} and ${isKept(kind, group)}`
  const { rows } = await sql<{ key: string }>`
    with recursive k (key) as (
      select (${first} order by t.key limit 1)
      union all
      select (${first} and t.key > k.key order by t.key limit 1) from k where k.key is not null
    ) select key from k where key is not null limit ${limit}`.execute(read)
  return rows.map(({ key }) => key)
}

/** How many resources of one kind carry a key, counted up to `most`. */
export async function countTagged(
  read: Kysely<Schema>,
  accountId: number,
  {
    kind,
    group,
    key,
    most,
  }: { readonly kind: TaggedKind; readonly group: string | undefined; readonly key: string; readonly most: number },
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (
      select 1 from tags as t where t.account_id = ${accountId} and t.resource_type = ${kind} and t.key = ${key} and ${isKept(kind, group)}
      limit ${most}
    ) as found`.execute(read)
  return rows[0]?.count ?? 0
}

/** The resource of a tag `t` was not deleted, and is in the group if one is given. */
function isKept(kind: TaggedKind, group?: string) {
  const inGroup = group === undefined ? sql`` : sql` and r.resource_group = ${group}`
  return kind === 'order'
    ? sql<SqlBool>`exists (select 1 from orders as r where r.id = t.resource_id and r.state <> 'deleted'${inGroup})`
    : sql<SqlBool>`exists (select 1 from certificate_cards as r where r.id = t.resource_id and r.deleted_at is null${inGroup})`
}
