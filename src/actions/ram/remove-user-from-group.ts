import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { removeUserFromGroup } from '../../ram/groups/remove-user-from-group.ts'
import { RAM_VERSION } from '../versions.ts'

/** Take a user out of a group. */
export const removeUserFromGroupAction = action({
  name: 'RemoveUserFromGroup',
  version: RAM_VERSION,
  access: 'update',
  ramAction: 'ram:RemoveUserFromGroup',
  target: {
    resources: ({ UserName, GroupName }) => [
      ...(typeof UserName === 'string' ? [`user/${UserName}`] : []),
      ...(typeof GroupName === 'string' ? [`group/${GroupName}`] : []),
    ],
  },
  summary: 'Take a user out of a group.',
  strict: false,
  input: z.object({ UserName: z.string().min(1), GroupName: z.string().min(1) }),
  output: z.object({}),
  problems: ['entityNotExist', 'callerInactive'],
  async run({ UserName, GroupName }, context, services) {
    await removeUserFromGroup(services, context, { userName: UserName, groupName: GroupName })
    return {}
  },
})
