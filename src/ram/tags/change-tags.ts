import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import { prepareRamChange } from '../ram-change.ts'
import type { ChangeTagsInput } from './change-tags.tx.ts'
import { findTagged } from './find-tagged.ts'

/**
 * Puts tags on users, roles or policies, or takes them away: on all that are named, or on none.
 *
 * @throws Problem missingParameter, invalidParameter, entityNotExist, limitExceeded, callerInactive
 */
export async function changeTags(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  change: Pick<ChangeTagsInput, 'type' | 'put' | 'remove'> & { readonly names: readonly string[] },
): Promise<void> {
  const resources = await findTagged(services, context, change.type, change.names)
  const { type, put, remove } = change
  await services.db.write.changeRamTags({ ...(await prepareRamChange(services, context)), type, put, remove, resources })
}
