import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import { prepareRamChange } from '../ram-change.ts'
import { findNamedUser } from './named-user.ts'

/**
 * Deletes a user without keys, groups and policies.
 *
 * @throws Problem entityNotExist, deleteConflict, callerInactive
 */
export async function deleteUser(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  userName: string,
): Promise<void> {
  const user = await findNamedUser(services, context, userName)
  await services.db.write.deleteUser({ ...(await prepareRamChange(services, context)), userId: user.id, name: user.name })
}
