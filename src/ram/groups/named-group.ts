import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import type { GroupRow } from '../../storage/ram-groups.ts'
import { assertStoredName } from '../stored-name.ts'
import { loadGroup } from './group.ts'

/**
 * The group that a call names, whatever the case; the caller must be allowed to it by its own name too.
 *
 * @throws Problem entityNotExist (`EntityNotExist.Group`), noPermission
 */
export async function findNamedGroup(services: Pick<Services, 'db' | 'access'>, context: RequestContext, name: string): Promise<GroupRow> {
  const group = await loadGroup(services, context.caller.accountId, name)
  await assertStoredName(services, context, { type: 'group', given: name, stored: group.name })
  return group
}
