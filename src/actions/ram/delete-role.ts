import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { deleteRole } from '../../ram/roles/delete-role.ts'
import { RAM_VERSION } from '../versions.ts'
import { holderResource } from './attachment-fields.ts'

/** Delete a role that holds no policies; its sessions end. */
export const deleteRoleAction = action({
  name: 'DeleteRole',
  version: RAM_VERSION,
  access: 'delete',
  ramAction: 'ram:DeleteRole',
  target: { resources: ({ RoleName }) => holderResource('role', RoleName) },
  summary: 'Delete a role that holds no policies; its sessions end.',
  strict: false,
  input: z.object({ RoleName: z.string().min(1) }),
  output: z.object({}),
  problems: ['entityNotExist', 'deleteConflict', 'callerInactive'],
  async run({ RoleName }, context, services) {
    await deleteRole(services, context, RoleName)
    return {}
  },
})
