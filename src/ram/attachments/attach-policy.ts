import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import { loadPolicy } from '../policies/load-policy.ts'
import type { PolicyName } from '../policies/policy.ts'
import type { HolderName } from './holder.ts'
import { prepareAttachment } from './prepare-attachment.ts'

/**
 * Gives a policy to a user, group or role; the next call of whoever it bears on is decided by it.
 *
 * @throws Problem entityNotExist, policyAttached, limitExceeded, callerInactive
 */
export async function attachPolicy(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  holder: HolderName,
  policy: PolicyName,
): Promise<void> {
  if (policy.type === 'System') await loadPolicy(services, context.caller.accountId, policy)
  await services.db.write.attachPolicy(await prepareAttachment(services, context, holder, policy))
}
