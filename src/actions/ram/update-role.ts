import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { updateRole } from '../../ram/roles/update-role.ts'
import { optionalText } from '../fields.ts'
import { RAM_VERSION } from '../versions.ts'
import { holderResource } from './attachment-fields.ts'
import { optionalSeconds, wholeRole, wholeRoleToWire } from './role-fields.ts'

/** Change the trust policy, description or longest session of a role. */
export const updateRoleAction = action({
  name: 'UpdateRole',
  version: RAM_VERSION,
  access: 'update',
  ramAction: 'ram:UpdateRole',
  target: { resources: ({ RoleName }) => holderResource('role', RoleName) },
  summary: 'Change the trust policy, description or longest session of a role.',
  strict: false,
  input: z.object({
    RoleName: z.string().min(1),
    NewAssumeRolePolicyDocument: optionalText,
    NewDescription: z.string().optional(),
    NewMaxSessionDuration: optionalSeconds,
  }),
  output: z.object({ Role: wholeRole }),
  problems: ['entityNotExist', 'invalidRamName', 'invalidRamValue', 'malformedPolicyDocument', 'callerInactive'],
  async run(input, context, services) {
    const role = await updateRole(services, context, input.RoleName, {
      trustDocument: input.NewAssumeRolePolicyDocument,
      description: input.NewDescription,
      maxSessionSeconds: input.NewMaxSessionDuration,
    })
    return { Role: wholeRoleToWire(role) }
  },
})
