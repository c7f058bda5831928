import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { createPolicyVersion } from '../../ram/policies/create-policy-version.ts'
import { RAM_VERSION } from '../versions.ts'
import { policyResource, versionFields, versionToWire, wireFlag } from './policy-fields.ts'

const rotateStrategy = z.enum(['None', 'DeleteOldestNonDefaultVersionWhenLimitExceeded'])

/** Add a version to a policy. */
export const createPolicyVersionAction = action({
  name: 'CreatePolicyVersion',
  version: RAM_VERSION,
  access: 'create',
  ramAction: 'ram:CreatePolicyVersion',
  target: { resources: policyResource },
  summary: 'Add a version to a policy; with SetAsDefault it is in force at once.',
  strict: false,
  input: z.object({
    PolicyName: z.string().min(1),
    PolicyDocument: z.string().min(1),
    SetAsDefault: wireFlag,
    RotateStrategy: rotateStrategy.or(z.literal('').transform(() => 'None' as const)).default('None'),
  }),
  output: z.object({ PolicyVersion: versionFields }),
  problems: ['entityNotExist', 'invalidRamName', 'malformedPolicyDocument', 'limitExceeded', 'callerInactive'],
  async run(input, context, services) {
    const version = await createPolicyVersion(services, context, {
      name: input.PolicyName,
      document: input.PolicyDocument,
      setAsDefault: input.SetAsDefault,
      rotate: input.RotateStrategy,
    })
    return { PolicyVersion: versionToWire(version) }
  },
})
