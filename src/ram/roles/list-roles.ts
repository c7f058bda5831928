import type { Services } from '../../services.ts'
import type { WantedTag } from '../../storage/ram-policies.ts'
import { listRoles, type RoleRow } from '../../storage/ram-roles.ts'
import { listTagsById } from '../tags/list-tags-by-id.ts'
import type { RamTag } from '../tags/ram-tags.ts'

/** A role as lists show it. */
export type ListedRole = RoleRow & { readonly tags: readonly RamTag[] }

/** Roles of the account after an id, the oldest first; with tags, those that have them all. */
export async function listRolesOfAccount(
  { db }: Pick<Services, 'db'>,
  accountId: number,
  page: { readonly afterId: number; readonly limit: number; readonly tags: readonly WantedTag[] },
): Promise<ListedRole[]> {
  const rows = await listRoles(db.read, accountId, page)
  const ids = rows.map(({ id }) => id)
  const tags = await listTagsById(db, accountId, 'role', ids)
  return rows.map((row) => ({ ...row, tags: tags.get(row.id) ?? [] }))
}
