import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import { prepareRamChange } from '../ram-change.ts'
import { findNamedUser } from '../users/named-user.ts'
import type { MemberNames, MembershipChange } from './membership.ts'
import { findNamedGroup } from './named-group.ts'

/**
 * Finds both for a change of a membership.
 *
 * @throws Problem entityNotExist
 */
export async function findMembership(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  names: MemberNames,
): Promise<MembershipChange> {
  const user = await findNamedUser(services, context, names.userName)
  const group = await findNamedGroup(services, context, names.groupName)
  return {
    ...(await prepareRamChange(services, context)),
    groupId: group.id,
    groupName: group.name,
    userId: user.id,
    userName: user.name,
  }
}
