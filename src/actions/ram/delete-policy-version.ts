import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { deletePolicyVersion } from '../../ram/policies/delete-policy-version.ts'
import { parseVersionId } from '../../ram/policies/version-id.ts'
import { RAM_VERSION } from '../versions.ts'
import { policyResource } from './policy-fields.ts'

/** Delete a version of a policy that is not in force. */
export const deletePolicyVersionAction = action({
  name: 'DeletePolicyVersion',
  version: RAM_VERSION,
  access: 'delete',
  ramAction: 'ram:DeletePolicyVersion',
  target: { resources: policyResource },
  summary: 'Delete a version of a policy that is not in force.',
  strict: false,
  input: z.object({ PolicyName: z.string().min(1), VersionId: z.string().min(1) }),
  output: z.object({}),
  problems: ['entityNotExist', 'invalidRamName', 'deleteConflict', 'callerInactive'],
  async run({ PolicyName, VersionId }, context, services) {
    await deletePolicyVersion(services, context, PolicyName, parseVersionId(VersionId))
    return {}
  },
})
