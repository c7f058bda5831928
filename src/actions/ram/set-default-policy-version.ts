import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { setDefaultPolicyVersion } from '../../ram/policies/set-default-policy-version.ts'
import { parseVersionId } from '../../ram/policies/version-id.ts'
import { RAM_VERSION } from '../versions.ts'
import { policyResource } from './policy-fields.ts'

/** Put a version of a policy in force. */
export const setDefaultPolicyVersionAction = action({
  name: 'SetDefaultPolicyVersion',
  version: RAM_VERSION,
  access: 'update',
  ramAction: 'ram:SetDefaultPolicyVersion',
  target: { resources: policyResource },
  summary: 'Put a version of a policy in force.',
  strict: false,
  input: z.object({ PolicyName: z.string().min(1), VersionId: z.string().min(1) }),
  output: z.object({}),
  problems: ['entityNotExist', 'invalidRamName', 'callerInactive'],
  async run({ PolicyName, VersionId }, context, services) {
    await setDefaultPolicyVersion(services, context, PolicyName, parseVersionId(VersionId))
    return {}
  },
})
