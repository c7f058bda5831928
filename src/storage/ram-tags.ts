import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** What of RAM can be tagged. */
export type TaggedType = 'user' | 'role' | 'policy'

const tables = { user: 'ram_users', role: 'ram_roles', policy: 'ram_policies' } as const satisfies Record<TaggedType, keyof Schema>

/** The names of these resources that exist, with their ids. */
export async function findTaggable(
  read: Kysely<Schema>,
  accountId: number,
  type: TaggedType,
  keys: readonly string[],
): Promise<{ id: number; name: string; name_key: string }[]> {
  return await read
    .selectFrom(tables[type])
    .select(['id', 'name', 'name_key'])
    .where('account_id', '=', accountId)
    .where('name_key', 'in', keys)
    .execute()
}

/** One tag of one resource. */
export interface TagRow {
  readonly resource_id: number
  readonly key: string
  readonly value: string
}

/** Tags of one type after a position, by resource and key. With ids: those alone. */
export async function listTagsAfter(
  read: Kysely<Schema>,
  accountId: number,
  type: TaggedType,
  page: { readonly ids: readonly number[] | undefined; readonly afterId: number; readonly afterKey: string; readonly limit: number },
): Promise<TagRow[]> {
  return await read
    .selectFrom('tags')
    .select(['resource_id', 'key', 'value'])
    .where('account_id', '=', accountId)
    .where('resource_type', '=', type)
    .$if(page.ids !== undefined, (all) => all.where('resource_id', 'in', page.ids ?? []))
    .where((is) =>
      is.or([is('resource_id', '>', page.afterId), is.and([is('resource_id', '=', page.afterId), is('key', '>', page.afterKey)])]),
    )
    .orderBy('resource_id')
    .orderBy('key')
    .limit(page.limit)
    .execute()
}

/** Names of tagged resources, by id. */
export async function listTaggedNames(
  read: Kysely<Schema>,
  accountId: number,
  type: TaggedType,
  ids: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  if (ids.length === 0) return new Map()
  const rows = await read
    .selectFrom(tables[type])
    .select(['id', 'name'])
    .where('account_id', '=', accountId)
    .where('id', 'in', ids)
    .execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}
