import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { findRole, type RoleRow } from '../../storage/ram-roles.ts'
import { nameKey } from '../name-key.ts'

/**
 * A role of the account.
 *
 * @throws Problem entityNotExist (`EntityNotExist.Role`)
 */
export async function loadRole({ db }: Pick<Services, 'db'>, accountId: number, name: string): Promise<RoleRow> {
  const role = await findRole(db.read, accountId, nameKey(name))
  if (role === undefined) throw new Problem('entityNotExist', { P: 'Role', what: 'role' })
  return role
}
