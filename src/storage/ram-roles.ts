import type { Kysely, Selectable } from 'kysely'
import { idsWithTag, type WantedTag } from './ram-policies.ts'
import type { RamRoleTable, Schema } from './schema.ts'

export type RoleRow = Selectable<RamRoleTable>

/** A role of the account by its name in lower case. */
export async function findRole(read: Kysely<Schema>, accountId: number, key: string): Promise<RoleRow | undefined> {
  return await read.selectFrom('ram_roles').selectAll().where('account_id', '=', accountId).where('name_key', '=', key).executeTakeFirst()
}

/** Roles of the account after an id, the oldest first; with tags, those that have them all. */
export async function listRoles(
  read: Kysely<Schema>,
  accountId: number,
  page: { readonly afterId: number; readonly limit: number; readonly tags: readonly WantedTag[] },
): Promise<RoleRow[]> {
  return await read
    .selectFrom('ram_roles')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('id', '>', page.afterId)
    .where((is) => is.and(page.tags.map((tag) => is('id', 'in', idsWithTag(read, accountId, 'role', tag)))))
    .orderBy('id')
    .limit(page.limit)
    .execute()
}
