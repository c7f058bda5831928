import type { Kysely, Selectable } from 'kysely'
import type { RamGroupTable, Schema } from './schema.ts'

export type GroupRow = Selectable<RamGroupTable>

/** A group of the account by its name in lower case. */
export async function findGroup(read: Kysely<Schema>, accountId: number, key: string): Promise<GroupRow | undefined> {
  return await read.selectFrom('ram_groups').selectAll().where('account_id', '=', accountId).where('name_key', '=', key).executeTakeFirst()
}

/** Groups of the account after an id, the oldest first. */
export async function listGroups(read: Kysely<Schema>, accountId: number, afterId: number, limit: number): Promise<GroupRow[]> {
  return await read
    .selectFrom('ram_groups')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('id', '>', afterId)
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** The groups that a user is in. */
export async function listGroupsOfUser(
  read: Kysely<Schema>,
  userId: number,
): Promise<(Pick<GroupRow, 'id' | 'name' | 'comments'> & { readonly joined_at: number })[]> {
  return await read
    .selectFrom('ram_group_members')
    .innerJoin('ram_groups', 'ram_groups.id', 'ram_group_members.group_id')
    .select(['ram_groups.id', 'ram_groups.name', 'ram_groups.comments', 'ram_group_members.joined_at'])
    .where('ram_group_members.user_id', '=', userId)
    .orderBy('ram_groups.id')
    .execute()
}

/** Users of a group after an id, the oldest first. */
export async function listMembers(
  read: Kysely<Schema>,
  groupId: number,
  afterId: number,
  limit: number,
): Promise<{ id: number; name: string; display_name: string; joined_at: number }[]> {
  return await read
    .selectFrom('ram_group_members')
    .innerJoin('ram_users', 'ram_users.id', 'ram_group_members.user_id')
    .select(['ram_users.id', 'ram_users.name', 'ram_users.display_name', 'ram_group_members.joined_at'])
    .where('ram_group_members.group_id', '=', groupId)
    .where('ram_users.id', '>', afterId)
    .orderBy('ram_users.id')
    .limit(limit)
    .execute()
}
