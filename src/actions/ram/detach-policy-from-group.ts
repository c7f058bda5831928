import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { detachPolicy } from '../../ram/attachments/detach-policy.ts'
import { parsePolicyName } from '../../ram/attachments/policy-name.ts'
import { RAM_VERSION } from '../versions.ts'
import { attachedPolicyFields, attachmentResources, holderResource, policyGiven } from './attachment-fields.ts'

/** Take a policy from a group; it is out of force at once. */
export const detachPolicyFromGroupAction = action({
  name: 'DetachPolicyFromGroup',
  version: RAM_VERSION,
  access: 'update',
  ramAction: 'ram:DetachPolicyFromGroup',
  target: { resources: (input) => attachmentResources(input, holderResource('group', input['GroupName'])) },
  summary: 'Take a policy from a group; it is out of force at once.',
  strict: false,
  input: z.object({ GroupName: z.string().min(1), ...attachedPolicyFields }),
  output: z.object({}),
  problems: ['invalidRamValue', 'resourceGroupNotExist', 'entityNotExist', 'callerInactive'],
  async run(input, context, services) {
    await detachPolicy(services, context, { kind: 'group', name: input.GroupName }, parsePolicyName(policyGiven(input)))
    return {}
  },
})
