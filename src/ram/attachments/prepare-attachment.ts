import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import { loadCustomPolicy } from '../policies/load-policy.ts'
import { policyKey, type PolicyName } from '../policies/policy.ts'
import { findSystemPolicyText } from '../policy/system-policy-texts.ts'
import { prepareRamChange } from '../ram-change.ts'
import { assertStoredName } from '../stored-name.ts'
import type { AttachmentInput } from './attach-policy.tx.ts'
import { type HolderName, loadHolder } from './holder.ts'

/**
 * What a write of an attachment needs. One of the system that is no longer among the policies can still be taken away.
 *
 * @throws Problem entityNotExist, noPermission
 */
export async function prepareAttachment(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  holder: HolderName,
  policy: PolicyName,
): Promise<AttachmentInput> {
  const { accountId } = context.caller
  const found = await loadHolder(services, accountId, holder)
  await assertStoredName(services, context, { type: holder.kind, given: holder.name, stored: found.name })
  const custom = policy.type === 'Custom' ? await loadCustomPolicy(services, accountId, policy.name) : undefined
  if (custom !== undefined) await assertStoredName(services, context, { type: 'policy', given: policy.name, stored: custom.name })
  return {
    ...(await prepareRamChange(services, context)),
    holderKind: holder.kind,
    holderId: found.id,
    holderName: found.name,
    policyType: policy.type,
    policyKey: policyKey(policy.type, policy.name),
    policyId: custom?.id ?? null,
    policyName: custom?.name ?? findSystemPolicyText(policy.name)?.name ?? policy.name,
  }
}
