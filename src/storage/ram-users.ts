import type { Kysely, Selectable } from 'kysely'
import type { RamUserTable, Schema } from './schema.ts'

export type UserRow = Selectable<RamUserTable>

/** A user of the account by its name in lower case. */
export async function findUser(read: Kysely<Schema>, accountId: number, key: string): Promise<UserRow | undefined> {
  return await read.selectFrom('ram_users').selectAll().where('account_id', '=', accountId).where('name_key', '=', key).executeTakeFirst()
}

/** Users of the account after an id, the oldest first. */
export async function listUsers(read: Kysely<Schema>, accountId: number, afterId: number, limit: number): Promise<UserRow[]> {
  return await read
    .selectFrom('ram_users')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('id', '>', afterId)
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** An access key as lists show it: no secret. */
export type AccessKeyView = Pick<Selectable<Schema['access_keys']>, 'id' | 'status' | 'created_at' | 'last_used_at'>

/** The access keys of a user, or with null of the account itself. */
export async function listAccessKeys(read: Kysely<Schema>, accountId: number, userId: number | null): Promise<AccessKeyView[]> {
  return await read
    .selectFrom('access_keys')
    .select(['id', 'status', 'created_at', 'last_used_at'])
    .where('account_id', '=', accountId)
    .where((is) => (userId === null ? is('user_id', 'is', null) : is('user_id', '=', userId)))
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}
