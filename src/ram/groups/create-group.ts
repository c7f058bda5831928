import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import type { GroupRow } from '../../storage/ram-groups.ts'
import { nameKey } from '../name-key.ts'
import { parseRamText } from '../names.ts'
import { prepareRamChange } from '../ram-change.ts'
import { loadGroup } from './group.ts'

/**
 * Makes a group.
 *
 * @throws Problem invalidRamName, groupExists, limitExceeded, callerInactive
 */
export async function createGroup(
  services: Pick<Services, 'db' | 'clock'>,
  context: RequestContext,
  given: { readonly name: string; readonly comments: string },
): Promise<GroupRow> {
  const name = parseRamText(given.name, 'GroupName')
  await services.db.write.createGroup({
    ...(await prepareRamChange(services, context)),
    groupId: await services.db.nextId('ram_groups'),
    name,
    nameKey: nameKey(name),
    comments: parseRamText(given.comments, 'Comments'),
  })
  return await loadGroup(services, context.caller.accountId, name)
}
