import type { Kysely, Selectable } from 'kysely'
import type { TaggedType } from './ram-tags.ts'
import type { RamPolicyTable, Schema } from './schema.ts'

/** A custom policy with its default version. */
export type PolicyRow = Selectable<RamPolicyTable> & { readonly document: string; readonly version_created_at: number }

/** A tag that is asked for; without a value, one of that key. */
export interface WantedTag {
  readonly key: string
  readonly value: string
}

/** A custom policy of the account by its name in lower case. */
export async function findPolicy(read: Kysely<Schema>, accountId: number, key: string): Promise<PolicyRow | undefined> {
  return await selectPolicies(read, accountId).where('p.name_key', '=', key).executeTakeFirst()
}

/** Custom policies of the account after an id, the oldest first; with tags, those that have them all. */
export async function listPolicies(
  read: Kysely<Schema>,
  accountId: number,
  page: { readonly afterId: number; readonly limit: number; readonly tags: readonly WantedTag[] },
): Promise<PolicyRow[]> {
  return await selectPolicies(read, accountId)
    .where('p.id', '>', page.afterId)
    .where((is) => is.and(page.tags.map((tag) => is('p.id', 'in', idsWithTag(read, accountId, 'policy', tag)))))
    .orderBy('p.id')
    .limit(page.limit)
    .execute()
}

function selectPolicies(read: Kysely<Schema>, accountId: number) {
  return read
    .selectFrom('ram_policies as p')
    .innerJoin('ram_policy_versions as v', (join) => join.onRef('v.policy_id', '=', 'p.id').onRef('v.version', '=', 'p.default_version'))
    .selectAll('p')
    .select(['v.document as document', 'v.created_at as version_created_at'])
    .where('p.account_id', '=', accountId)
}

/** Ids of the resources of the account that have a tag, as a subquery. */
export function idsWithTag(read: Kysely<Schema>, accountId: number, type: TaggedType, { key, value }: WantedTag) {
  const ids = read
    .selectFrom('tags')
    .select('resource_id')
    .where('account_id', '=', accountId)
    .where('resource_type', '=', type)
    .where('key', '=', key)
  return value === '' ? ids : ids.where('value', '=', value)
}

export type PolicyVersionRow = Selectable<Schema['ram_policy_versions']>

/** All versions of a custom policy of the account, the oldest first. */
export async function listPolicyVersions(read: Kysely<Schema>, accountId: number, key: string): Promise<PolicyVersionRow[]> {
  return await read
    .selectFrom('ram_policy_versions as v')
    .innerJoin('ram_policies as p', 'p.id', 'v.policy_id')
    .selectAll('v')
    .where('p.account_id', '=', accountId)
    .where('p.name_key', '=', key)
    .orderBy('v.version')
    .execute()
}
