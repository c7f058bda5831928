import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import type { PolicyRow } from '../../storage/ram-policies.ts'
import { assertStoredName } from '../stored-name.ts'
import { loadCustomPolicy } from './load-policy.ts'

/**
 * A policy of the account's own that a caller wants to change.
 *
 * @throws Problem entityNotExist (`EntityNotExist.Policy`), noPermission
 */
export async function findOwnPolicy(services: Pick<Services, 'db' | 'access'>, context: RequestContext, name: string): Promise<PolicyRow> {
  const policy = await loadCustomPolicy(services, context.caller.accountId, name)
  await assertStoredName(services, context, { type: 'policy', given: name, stored: policy.name })
  return policy
}
