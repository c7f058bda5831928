import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { addUserToGroup } from '../../ram/groups/add-user-to-group.ts'
import { RAM_VERSION } from '../versions.ts'

/** Put a user into a group. */
export const addUserToGroupAction = action({
  name: 'AddUserToGroup',
  version: RAM_VERSION,
  access: 'update',
  ramAction: 'ram:AddUserToGroup',
  target: {
    resources: ({ UserName, GroupName }) => [
      ...(typeof UserName === 'string' ? [`user/${UserName}`] : []),
      ...(typeof GroupName === 'string' ? [`group/${GroupName}`] : []),
    ],
  },
  summary: 'Put a user into a group.',
  strict: false,
  input: z.object({ UserName: z.string().min(1), GroupName: z.string().min(1) }),
  output: z.object({}),
  problems: ['entityNotExist', 'userInGroup', 'limitExceeded', 'callerInactive'],
  async run({ UserName, GroupName }, context, services) {
    await addUserToGroup(services, context, { userName: UserName, groupName: GroupName })
    return {}
  },
})
