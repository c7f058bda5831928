import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import { parseRamText } from '../names.ts'
import { prepareRamChange } from '../ram-change.ts'
import { findOwnPolicy } from './own-policy.ts'
import { customPolicy, type Policy } from './policy.ts'

/**
 * Gives a policy of the account's own another description.
 *
 * @throws Problem entityNotExist, invalidRamName, callerInactive
 */
export async function updatePolicyDescription(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  given: { readonly name: string; readonly description: string },
): Promise<Policy> {
  const policy = await findOwnPolicy(services, context, given.name)
  const description = parseRamText(given.description, 'Description', 'NewDescription')
  const change = await prepareRamChange(services, context)
  await services.db.write.updatePolicyDescription({ ...change, policyId: policy.id, name: policy.name, description })
  return { ...customPolicy(policy), description, updatedAt: change.now }
}
