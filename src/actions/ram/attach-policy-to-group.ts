import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { attachPolicy } from '../../ram/attachments/attach-policy.ts'
import { parsePolicyName } from '../../ram/attachments/policy-name.ts'
import { RAM_VERSION } from '../versions.ts'
import { attachedPolicyFields, attachmentResources, holderResource, policyGiven } from './attachment-fields.ts'

/** Attach a policy to a group; it is in force at once. */
export const attachPolicyToGroupAction = action({
  name: 'AttachPolicyToGroup',
  version: RAM_VERSION,
  access: 'update',
  ramAction: 'ram:AttachPolicyToGroup',
  target: { resources: (input) => attachmentResources(input, holderResource('group', input['GroupName'])) },
  summary: 'Attach a policy to a group; it is in force at once.',
  strict: false,
  input: z.object({ GroupName: z.string().min(1), ...attachedPolicyFields }),
  output: z.object({}),
  problems: ['invalidRamValue', 'resourceGroupNotExist', 'entityNotExist', 'policyAttached', 'limitExceeded', 'callerInactive'],
  async run(input, context, services) {
    await attachPolicy(services, context, { kind: 'group', name: input.GroupName }, parsePolicyName(policyGiven(input)))
    return {}
  },
})
