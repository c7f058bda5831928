import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import type { GroupRow } from '../../storage/ram-groups.ts'
import { nameKey } from '../name-key.ts'
import { parseRamText } from '../names.ts'
import { prepareRamChange } from '../ram-change.ts'
import { loadGroup } from './group.ts'
import { findNamedGroup } from './named-group.ts'

/**
 * Changes a group; undefined leaves something as it is.
 *
 * @throws Problem entityNotExist, invalidRamName, groupExists, callerInactive
 */
export async function updateGroup(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  groupName: string,
  changes: { readonly name: string | undefined; readonly comments: string | undefined },
): Promise<GroupRow> {
  const { accountId } = context.caller
  const group = await findNamedGroup(services, context, groupName)
  const name = changes.name === undefined ? group.name : parseRamText(changes.name, 'GroupName', 'NewGroupName')
  await services.db.write.updateGroup({
    ...(await prepareRamChange(services, context)),
    groupId: group.id,
    oldName: group.name,
    name,
    nameKey: nameKey(name),
    comments: changes.comments === undefined ? group.comments : parseRamText(changes.comments, 'Comments', 'NewComments'),
  })
  return await loadGroup(services, accountId, name)
}
