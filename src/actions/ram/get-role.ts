import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { loadRole } from '../../ram/roles/role.ts'
import { assertStoredName } from '../../ram/stored-name.ts'
import { RAM_VERSION } from '../versions.ts'
import { holderResource } from './attachment-fields.ts'
import { wholeRole, wholeRoleToWire } from './role-fields.ts'

/** Read one role. */
export const getRoleAction = action({
  name: 'GetRole',
  version: RAM_VERSION,
  access: 'get',
  ramAction: 'ram:GetRole',
  target: { resources: ({ RoleName }) => holderResource('role', RoleName) },
  summary: 'Read one role.',
  strict: false,
  input: z.object({ RoleName: z.string().min(1) }),
  output: z.object({ Role: wholeRole }),
  problems: ['entityNotExist'],
  async run({ RoleName }, context, services) {
    const role = await loadRole(services, context.caller.accountId, RoleName)
    await assertStoredName(services, context, { type: 'role', given: RoleName, stored: role.name })
    return { Role: wholeRoleToWire(role) }
  },
})
