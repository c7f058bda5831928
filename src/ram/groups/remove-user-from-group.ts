import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import { type MemberNames } from './membership.ts'
import { findMembership } from './find-membership.ts'

/**
 * Takes a user out of a group.
 *
 * @throws Problem entityNotExist, callerInactive
 */
export async function removeUserFromGroup(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  names: MemberNames,
): Promise<void> {
  await services.db.write.removeMember(await findMembership(services, context, names))
}
