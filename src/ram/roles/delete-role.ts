import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import { prepareRamChange } from '../ram-change.ts'
import { assertStoredName } from '../stored-name.ts'
import { loadRole } from './role.ts'

/**
 * Deletes a role without policies; its sessions end with it.
 *
 * @throws Problem entityNotExist, deleteConflict, callerInactive
 */
export async function deleteRole(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  roleName: string,
): Promise<void> {
  const role = await loadRole(services, context.caller.accountId, roleName)
  await assertStoredName(services, context, { type: 'role', given: roleName, stored: role.name })
  await services.db.write.deleteRole({ ...(await prepareRamChange(services, context)), roleId: role.id, name: role.name })
}
