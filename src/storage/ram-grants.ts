import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** A policy that is attached to somebody, with the text of its default version. */
export interface GrantRow {
  /** `System:<name in lower case>` or `Custom:<name in lower case>`. */
  readonly policyKey: string
  /** Null for a system policy. */
  readonly policyId: number | null
  readonly name: string | null
  readonly version: number | null
  readonly document: string | null
}

/** What is attached to a user, also through its groups, or to a role. */
export async function listGrants(
  read: Kysely<Schema>,
  accountId: number,
  holder: { readonly kind: 'user' | 'role'; readonly id: number },
): Promise<GrantRow[]> {
  return await read
    .selectFrom('ram_attachments as a')
    .leftJoin('ram_policies as p', 'p.id', 'a.policy_id')
    .leftJoin('ram_policy_versions as v', (join) => join.onRef('v.policy_id', '=', 'p.id').onRef('v.version', '=', 'p.default_version'))
    .select(['a.policy_key as policyKey', 'a.policy_id as policyId', 'p.name as name', 'v.version as version', 'v.document as document'])
    .where('a.account_id', '=', accountId)
    .where((where) => {
      const own = where.and([where('a.holder_kind', '=', holder.kind), where('a.holder_id', '=', holder.id)])
      if (holder.kind === 'role') return own
      const groups = where.selectFrom('ram_group_members').select('group_id').where('user_id', '=', holder.id)
      return where.or([own, where.and([where('a.holder_kind', '=', 'group'), where('a.holder_id', 'in', groups)])])
    })
    .execute()
}

/** How an account treats its policies and keys; undefined for none. */
export async function findAccountRules(
  read: Kysely<Schema>,
  accountId: number,
): Promise<{ status: 'active' | 'suspended'; key_reading: 'separate' | 'original' | null; set_operators: number } | undefined> {
  return await read.selectFrom('accounts').select(['status', 'key_reading', 'set_operators']).where('id', '=', accountId).executeTakeFirst()
}

/** A role's name and account; undefined for none. */
export async function findRoleName(read: Kysely<Schema>, accountId: number, roleId: number): Promise<string | undefined> {
  const row = await read
    .selectFrom('ram_roles')
    .select('name')
    .where('id', '=', roleId)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return row?.name
}

/** Tags of a user or role, for `acs:PrincipalTag`, or of any other resource. */
export async function listTags(
  read: Kysely<Schema>,
  accountId: number,
  type: Schema['tags']['resource_type'],
  id: number,
): Promise<{ key: string; value: string }[]> {
  return await read
    .selectFrom('tags')
    .select(['key', 'value'])
    .where('account_id', '=', accountId)
    .where('resource_type', '=', type)
    .where('resource_id', '=', id)
    .orderBy('key')
    .execute()
}
