import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import type { PolicyName } from '../policies/policy.ts'
import type { HolderName } from './holder.ts'
import { prepareAttachment } from './prepare-attachment.ts'

/**
 * Takes a policy away; the next call of whoever it bore on is decided without it.
 *
 * @throws Problem entityNotExist, callerInactive
 */
export async function detachPolicy(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  holder: HolderName,
  policy: PolicyName,
): Promise<void> {
  await services.db.write.detachPolicy(await prepareAttachment(services, context, holder, policy))
}
