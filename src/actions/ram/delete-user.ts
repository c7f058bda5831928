import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { deleteUser } from '../../ram/users/delete-user.ts'
import { RAM_VERSION } from '../versions.ts'

/** Delete a RAM user that has no keys, groups or policies. */
export const deleteUserAction = action({
  name: 'DeleteUser',
  version: RAM_VERSION,
  access: 'delete',
  ramAction: 'ram:DeleteUser',
  target: { resources: ({ UserName }) => (typeof UserName === 'string' ? [`user/${UserName}`] : []) },
  summary: 'Delete a RAM user that has no keys, groups or policies.',
  strict: false,
  input: z.object({ UserName: z.string().min(1) }),
  output: z.object({}),
  problems: ['entityNotExist', 'deleteConflict', 'callerInactive'],
  async run({ UserName }, context, services) {
    await deleteUser(services, context, UserName)
    return {}
  },
})
