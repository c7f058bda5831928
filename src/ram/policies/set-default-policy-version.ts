import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import { prepareRamChange } from '../ram-change.ts'
import { findOwnPolicy } from './own-policy.ts'

/**
 * Puts a version of a policy of the account's own in force.
 *
 * @throws Problem entityNotExist, callerInactive
 */
export async function setDefaultPolicyVersion(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  name: string,
  version: number,
): Promise<void> {
  const policy = await findOwnPolicy(services, context, name)
  const change = await prepareRamChange(services, context)
  await services.db.write.setDefaultPolicyVersion({ ...change, policyId: policy.id, name: policy.name, version })
}
