import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { findNamedGroup } from '../../ram/groups/named-group.ts'
import { RAM_VERSION } from '../versions.ts'
import { groupFields, groupToWire } from './fields.ts'

/** Read one group. */
export const getGroupAction = action({
  name: 'GetGroup',
  version: RAM_VERSION,
  access: 'get',
  ramAction: 'ram:GetGroup',
  target: { resources: ({ GroupName }) => (typeof GroupName === 'string' ? [`group/${GroupName}`] : []) },
  summary: 'Read one group.',
  strict: false,
  input: z.object({ GroupName: z.string().min(1) }),
  output: z.object({ Group: groupFields }),
  problems: ['entityNotExist'],
  async run({ GroupName }, context, services) {
    return { Group: groupToWire(await findNamedGroup(services, context, GroupName)) }
  },
})
