import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { deletePolicy } from '../../ram/policies/delete-policy.ts'
import { RAM_VERSION } from '../versions.ts'
import { policyResource, wireFlag } from './policy-fields.ts'

/** Delete a policy that is attached to nobody. */
export const deletePolicyAction = action({
  name: 'DeletePolicy',
  version: RAM_VERSION,
  access: 'delete',
  ramAction: 'ram:DeletePolicy',
  target: { resources: policyResource },
  summary: 'Delete a policy that is attached to nobody.',
  strict: false,
  input: z.object({ PolicyName: z.string().min(1), CascadingDelete: wireFlag }),
  output: z.object({}),
  problems: ['entityNotExist', 'deleteConflict', 'callerInactive'],
  async run({ PolicyName, CascadingDelete }, context, services) {
    await deletePolicy(services, context, PolicyName, CascadingDelete)
    return {}
  },
})
