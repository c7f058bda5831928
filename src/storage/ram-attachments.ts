import type { Kysely } from 'kysely'
import type { RamAttachmentTable, Schema } from './schema.ts'

export type HolderKind = RamAttachmentTable['holder_kind']

/** A policy that is attached to somebody; name, description and version are null for a system policy, which is in the code. */
export interface AttachedRow {
  readonly policy_key: string
  readonly attached_at: number
  readonly name: string | null
  readonly description: string | null
  readonly default_version: number | null
}

/** What is attached to one user, group or role itself, in the order in which it was. */
export async function listAttached(read: Kysely<Schema>, accountId: number, kind: HolderKind, holderId: number): Promise<AttachedRow[]> {
  return await read
    .selectFrom('ram_attachments as a')
    .leftJoin('ram_policies as p', 'p.id', 'a.policy_id')
    .select(['a.policy_key', 'a.attached_at', 'p.name', 'p.description', 'p.default_version'])
    .where('a.account_id', '=', accountId)
    .where('a.holder_kind', '=', kind)
    .where('a.holder_id', '=', holderId)
    .orderBy('a.attached_at')
    .orderBy('a.policy_key')
    .execute()
}

/** How often each of these policies is attached in the account, by its key; those that are not are left out. */
export async function countAttachments(
  read: Kysely<Schema>,
  accountId: number,
  policyKeys: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (policyKeys.length === 0) return new Map()
  const rows = await read
    .selectFrom('ram_attachments')
    .select(['policy_key', read.fn.countAll<number>().as('count')])
    .where('account_id', '=', accountId)
    .where('policy_key', 'in', policyKeys)
    .groupBy('policy_key')
    .execute()
  return new Map(rows.map(({ policy_key: key, count }) => [key, count]))
}

/** Users that a policy is attached to, in the order in which it was; so with groups and roles. */
export async function listHoldingUsers(
  read: Kysely<Schema>,
  accountId: number,
  policyKey: string,
): Promise<{ id: number; name: string; display_name: string; attached_at: number }[]> {
  return await selectHolders(read, accountId, policyKey, 'user')
    .innerJoin('ram_users as h', 'h.id', 'a.holder_id')
    .select(['h.id', 'h.name', 'h.display_name', 'a.attached_at'])
    .execute()
}

export async function listHoldingGroups(
  read: Kysely<Schema>,
  accountId: number,
  policyKey: string,
): Promise<{ id: number; name: string; comments: string; attached_at: number }[]> {
  return await selectHolders(read, accountId, policyKey, 'group')
    .innerJoin('ram_groups as h', 'h.id', 'a.holder_id')
    .select(['h.id', 'h.name', 'h.comments', 'a.attached_at'])
    .execute()
}

export async function listHoldingRoles(
  read: Kysely<Schema>,
  accountId: number,
  policyKey: string,
): Promise<{ id: number; name: string; description: string; attached_at: number }[]> {
  return await selectHolders(read, accountId, policyKey, 'role')
    .innerJoin('ram_roles as h', 'h.id', 'a.holder_id')
    .select(['h.id', 'h.name', 'h.description', 'a.attached_at'])
    .execute()
}

function selectHolders(read: Kysely<Schema>, accountId: number, policyKey: string, kind: HolderKind) {
  return read
    .selectFrom('ram_attachments as a')
    .where('a.account_id', '=', accountId)
    .where('a.policy_key', '=', policyKey)
    .where('a.holder_kind', '=', kind)
    .orderBy('a.attached_at')
    .orderBy('a.holder_id')
}

/** Through whom a user or role has had a policy since some instant: itself before its groups; undefined if through nobody. */
export async function findHolderKind(
  read: Kysely<Schema>,
  accountId: number,
  policyKey: string,
  holder: { readonly kind: 'user' | 'role'; readonly id: number; readonly since: number },
): Promise<HolderKind | undefined> {
  const rows = await read
    .selectFrom('ram_attachments as a')
    .select('a.holder_kind')
    .where('a.account_id', '=', accountId)
    .where('a.policy_key', '=', policyKey)
    .where('a.attached_at', '<=', holder.since)
    .where((is) => {
      const own = is.and([is('a.holder_kind', '=', holder.kind), is('a.holder_id', '=', holder.id)])
      if (holder.kind === 'role') return own
      const groups = is.selectFrom('ram_group_members').select('group_id').where('user_id', '=', holder.id)
      return is.or([own, is.and([is('a.holder_kind', '=', 'group'), is('a.holder_id', 'in', groups)])])
    })
    .execute()
  return rows.find(({ holder_kind: kind }) => kind === holder.kind)?.holder_kind ?? rows[0]?.holder_kind
}
