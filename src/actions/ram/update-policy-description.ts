import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { updatePolicyDescription } from '../../ram/policies/update-policy-description.ts'
import { RAM_VERSION } from '../versions.ts'
import { wireTime } from './fields.ts'
import { policyFields, policyResource, policyToWire } from './policy-fields.ts'

/** Change the description of a policy. */
export const updatePolicyDescriptionAction = action({
  name: 'UpdatePolicyDescription',
  version: RAM_VERSION,
  access: 'update',
  ramAction: 'ram:UpdatePolicyDescription',
  target: { resources: policyResource },
  summary: 'Change the description of a policy.',
  strict: false,
  input: z.object({ PolicyName: z.string().min(1), NewDescription: z.string().default('') }),
  output: z.object({ Policy: z.object({ ...policyFields, CreateDate: z.string(), UpdateDate: z.string() }) }),
  problems: ['entityNotExist', 'invalidRamName', 'callerInactive'],
  async run({ PolicyName, NewDescription }, context, services) {
    const policy = await updatePolicyDescription(services, context, { name: PolicyName, description: NewDescription })
    return { Policy: { ...policyToWire(policy), CreateDate: wireTime(policy.createdAt), UpdateDate: wireTime(policy.updatedAt) } }
  },
})
