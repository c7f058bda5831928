import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { deleteGroup } from '../../ram/groups/delete-group.ts'
import { RAM_VERSION } from '../versions.ts'

/** Delete a group without users and policies. */
export const deleteGroupAction = action({
  name: 'DeleteGroup',
  version: RAM_VERSION,
  access: 'delete',
  ramAction: 'ram:DeleteGroup',
  target: { resources: ({ GroupName }) => (typeof GroupName === 'string' ? [`group/${GroupName}`] : []) },
  summary: 'Delete a group without users and policies.',
  strict: false,
  input: z.object({ GroupName: z.string().min(1) }),
  output: z.object({}),
  problems: ['entityNotExist', 'deleteConflict', 'callerInactive'],
  async run({ GroupName }, context, services) {
    await deleteGroup(services, context, GroupName)
    return {}
  },
})
