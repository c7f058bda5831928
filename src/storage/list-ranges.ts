import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Schema } from './schema.ts'

/** A place in a list. `end` is there in lists that begin with the latest end of validity, ms. */
export interface Place {
  readonly id: number
  readonly end?: number
}

/**
 * Rows of one account, as a union of ranges that do not overlap. Each range is a condition that begins with the leading columns of one index, so
 * that a page reads as many rows as it shows, and not as many as there are.
 */
export interface RangeList {
  readonly table: 'orders' | 'certificate_cards' | 'plans'
  readonly ranges: readonly RawBuilder<unknown>[]
  /** The column whose latest value comes first; undefined: the highest id comes first. */
  readonly by: 'certificate_ends_at' | 'not_after' | undefined
  /** Nearly every row of the account is in it. */
  readonly isWhole: boolean
}

/** Which part of a list is wanted: what follows `after`, less the first `skip` rows. Rows with an id above `newestId` are not in the list. */
export interface PageBounds {
  readonly newestId: number
  readonly after: Place | undefined
  readonly skip: number
  readonly limit: number
}

/** One part of a list, in its order. */
export async function listPlaces(read: Kysely<Schema>, list: RangeList, bounds: PageBounds): Promise<Place[]> {
  const { rows } = await placesQuery(list, bounds).execute(read)
  return rows.map(({ id, ends_at: end }) => (list.by === undefined ? { id } : { id, end }))
}

/** The query of {@link listPlaces}: tests look at how the engines answer it. */
export function placesQuery({ table, ranges, by }: RangeList, bounds: PageBounds): RawBuilder<{ id: number; ends_at: number }> {
  const { newestId, after, skip, limit } = bounds
  const end = by === undefined ? sql`0` : sql.ref(by)
  const order = by === undefined ? sql`id desc` : sql`${end} desc, id desc`
  const first = (range: RawBuilder<unknown>, most: number) =>
    sql<{ id: number; ends_at: number }>`select id, ${end} as ends_at from ${sql.table(table)}
      where ${range} and ${follows(by, newestId, after)} order by ${order} limit ${most}`
  const [only, ...others] = ranges
  if (only !== undefined && others.length === 0) return sql`${first(only, limit)} offset ${skip}`
  const parts = ranges.map((range, index) => sql`select * from (${first(range, skip + limit)}) as ${sql.ref(`range_${index}`)}`)
  const outer = by === undefined ? sql`id desc` : sql`ends_at desc, id desc`
  return sql`select id, ends_at from (${sql.join(parts, sql` union all `)}) as ranges order by ${outer} limit ${limit} offset ${skip}`
}

function follows(by: RangeList['by'], newestId: number, after: Place | undefined): RawBuilder<unknown> {
  if (after === undefined) return sql`id <= ${newestId}`
  if (by === undefined || after.end === undefined) return sql`id < ${after.id}`
  return sql`(${sql.ref(by)}, id) < (${after.end}, ${after.id}) and id <= ${newestId}`
}

/** How many rows a list has, but never more than `most`: so many are looked at. */
export async function countPlaces(
  read: Kysely<Schema>,
  list: RangeList,
  { newestId, most }: { readonly newestId: number; readonly most: number },
): Promise<number> {
  const { rows } = await countQuery(list, { newestId, most }).execute(read)
  return rows[0]?.count ?? 0
}

/** The query of {@link countPlaces}. */
export function countQuery(
  { table, ranges }: RangeList,
  { newestId, most }: { readonly newestId: number; readonly most: number },
): RawBuilder<{ count: number }> {
  const parts = ranges.map(
    (range, index) => sql`select * from (
      select id from ${sql.table(table)} where ${range} and id <= ${newestId} limit ${most}) as ${sql.ref(`range_${index}`)}`,
  )
  return sql`select count(*) as count from (select id from (${sql.join(parts, sql` union all `)}) as ranges limit ${most}) as counted`
}

/**
 * A condition that a row belongs to an account, for rows that are found by their ids: the sign keeps SQLite, which has no statistics, from reading
 * all rows of the account instead.
 */
export function ofAccount(accountId: number, column = 'account_id'): RawBuilder<boolean> {
  return sql<boolean>`+${sql.ref(column)} = ${accountId}`
}

/** Those of the ids that are in the list. */
export async function keepListed(
  read: Kysely<Schema>,
  engine: 'sqlite' | 'postgres',
  { table, ranges }: RangeList,
  ids: readonly number[],
): Promise<ReadonlySet<number>> {
  // One value however many ids: a statement of hundreds of parameters takes longer to make than to run.
  const among =
    engine === 'postgres'
      ? sql`(string_to_array(${ids.join(',')}, ',')::bigint[])`
      : sql`(select value from json_each(${JSON.stringify(ids)}))`
  const any = sql.join(
    ranges.map((range) => sql`(${range})`),
    sql` or `,
  )
  // The rows are found by their ids and then held against the ranges, which engines would else begin with.
  const { rows } = await sql<{ id: number }>`select id from ${sql.table(table)}
    where id ${sql.raw(engine === 'postgres' ? '= any' : 'in')} ${among} and case when ${any} then 1 else 0 end = 1`.execute(read)
  return new Set(rows.map(({ id }) => id))
}
