import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { createPolicy } from '../../ram/policies/create-policy.ts'
import { RAM_VERSION } from '../versions.ts'
import { wireTime } from './fields.ts'
import { jsonTags } from './json-list.ts'
import { policyFields, policyResource, policyToWire } from './policy-fields.ts'

/** Create a policy of the account's own, with one version. */
export const createPolicyAction = action({
  name: 'CreatePolicy',
  version: RAM_VERSION,
  access: 'create',
  ramAction: 'ram:CreatePolicy',
  target: { resources: policyResource },
  summary: "Create a policy of the account's own, with one version.",
  strict: false,
  input: z.object({
    PolicyName: z.string().min(1),
    PolicyDocument: z.string().min(1),
    Description: z.string().default(''),
    Tag: jsonTags,
  }),
  output: z.object({ Policy: z.object({ ...policyFields, CreateDate: z.string() }) }),
  problems: ['invalidRamName', 'malformedPolicyDocument', 'policyExists', 'limitExceeded', 'callerInactive'],
  async run(input, context, services) {
    const policy = await createPolicy(services, context, {
      name: input.PolicyName,
      description: input.Description,
      document: input.PolicyDocument,
      tags: input.Tag.map(({ Key, Value }) => ({ key: Key, value: Value })),
    })
    return { Policy: { ...policyToWire(policy), CreateDate: wireTime(policy.createdAt) } }
  },
})
