import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { detachPolicy } from '../../ram/attachments/detach-policy.ts'
import { parsePolicyName } from '../../ram/attachments/policy-name.ts'
import { RAM_VERSION } from '../versions.ts'
import { attachedPolicyFields, attachmentResources, holderResource, policyGiven } from './attachment-fields.ts'

/** Take a policy from a role; it is out of force at once. */
export const detachPolicyFromRoleAction = action({
  name: 'DetachPolicyFromRole',
  version: RAM_VERSION,
  access: 'update',
  ramAction: 'ram:DetachPolicyFromRole',
  target: { resources: (input) => attachmentResources(input, holderResource('role', input['RoleName'])) },
  summary: 'Take a policy from a role; it is out of force at once.',
  strict: false,
  input: z.object({ RoleName: z.string().min(1), ...attachedPolicyFields }),
  output: z.object({}),
  problems: ['invalidRamValue', 'resourceGroupNotExist', 'entityNotExist', 'callerInactive'],
  async run(input, context, services) {
    await detachPolicy(services, context, { kind: 'role', name: input.RoleName }, parsePolicyName(policyGiven(input)))
    return {}
  },
})
