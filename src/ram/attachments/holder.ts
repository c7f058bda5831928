import type { Services } from '../../services.ts'
import type { HolderKind } from '../../storage/ram-attachments.ts'
import { loadGroup } from '../groups/group.ts'
import { loadRole } from '../roles/role.ts'
import { loadUser } from '../users/user.ts'

/** Who holds policies: a user, group or role, by its name. */
export interface HolderName {
  readonly kind: HolderKind
  readonly name: string
}

/**
 * A user, group or role of the account.
 *
 * @throws Problem entityNotExist (`EntityNotExist.User`, `.Group` or `.Role`)
 */
export async function loadHolder(
  services: Pick<Services, 'db'>,
  accountId: number,
  { kind, name }: HolderName,
): Promise<{ readonly id: number; readonly name: string }> {
  const load = { user: loadUser, group: loadGroup, role: loadRole }[kind]
  return await load(services, accountId, name)
}
