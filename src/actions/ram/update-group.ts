import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { updateGroup } from '../../ram/groups/update-group.ts'
import { optionalText } from '../fields.ts'
import { RAM_VERSION } from '../versions.ts'
import { groupFields, groupToWire } from './fields.ts'

/** Change the name or the comments of a group. */
export const updateGroupAction = action({
  name: 'UpdateGroup',
  version: RAM_VERSION,
  access: 'update',
  ramAction: 'ram:UpdateGroup',
  target: { resources: ({ GroupName }) => (typeof GroupName === 'string' ? [`group/${GroupName}`] : []) },
  summary: 'Change the name or the comments of a group.',
  strict: false,
  input: z.object({ GroupName: z.string().min(1), NewGroupName: optionalText, NewComments: z.string().optional() }),
  output: z.object({ Group: groupFields }),
  problems: ['entityNotExist', 'invalidRamName', 'groupExists', 'callerInactive'],
  async run({ GroupName, NewGroupName, NewComments }, context, services) {
    const changes = { name: NewGroupName, comments: NewComments }
    return { Group: groupToWire(await updateGroup(services, context, GroupName, changes)) }
  },
})
