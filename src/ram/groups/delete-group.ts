import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import { prepareRamChange } from '../ram-change.ts'
import { findNamedGroup } from './named-group.ts'

/**
 * Deletes a group without users and policies.
 *
 * @throws Problem entityNotExist, deleteConflict, callerInactive
 */
export async function deleteGroup(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  groupName: string,
): Promise<void> {
  const group = await findNamedGroup(services, context, groupName)
  await services.db.write.deleteGroup({ ...(await prepareRamChange(services, context)), groupId: group.id, name: group.name })
}
