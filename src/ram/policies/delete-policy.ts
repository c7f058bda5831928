import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import { prepareRamChange } from '../ram-change.ts'
import { findOwnPolicy } from './own-policy.ts'
import { policyKey } from './policy.ts'

/**
 * Deletes a policy of the account's own that nobody holds.
 *
 * @param cascade its versions may go too; without, it must have but the default one
 * @throws Problem entityNotExist, deleteConflict, callerInactive
 */
export async function deletePolicy(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  name: string,
  cascade: boolean,
): Promise<void> {
  const policy = await findOwnPolicy(services, context, name)
  await services.db.write.deletePolicy({
    ...(await prepareRamChange(services, context)),
    policyId: policy.id,
    name: policy.name,
    policyKey: policyKey('Custom', policy.name),
    cascade,
  })
}
