import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import { type MemberNames } from './membership.ts'
import { findMembership } from './find-membership.ts'

/**
 * Puts a user into a group.
 *
 * @throws Problem entityNotExist, userInGroup, limitExceeded, callerInactive
 */
export async function addUserToGroup(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  names: MemberNames,
): Promise<void> {
  await services.db.write.addMember(await findMembership(services, context, names))
}
