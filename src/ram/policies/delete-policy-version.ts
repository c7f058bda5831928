import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import { prepareRamChange } from '../ram-change.ts'
import { findOwnPolicy } from './own-policy.ts'

/**
 * Deletes a version of a policy of the account's own that is not in force.
 *
 * @throws Problem entityNotExist, deleteConflict, callerInactive
 */
export async function deletePolicyVersion(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  name: string,
  version: number,
): Promise<void> {
  const policy = await findOwnPolicy(services, context, name)
  const change = await prepareRamChange(services, context)
  await services.db.write.deletePolicyVersion({ ...change, policyId: policy.id, name: policy.name, version })
}
