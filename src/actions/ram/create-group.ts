import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { createGroup } from '../../ram/groups/create-group.ts'
import { RAM_VERSION } from '../versions.ts'
import { groupFields, groupToWire } from './fields.ts'

/** Create a group of RAM users. */
export const createGroupAction = action({
  name: 'CreateGroup',
  version: RAM_VERSION,
  access: 'create',
  ramAction: 'ram:CreateGroup',
  summary: 'Create a group of RAM users.',
  strict: false,
  input: z.object({ GroupName: z.string().min(1), Comments: z.string().default('') }),
  output: z.object({ Group: groupFields }),
  problems: ['entityNotExist', 'invalidRamName', 'groupExists', 'limitExceeded', 'callerInactive'],
  async run({ GroupName, Comments }, context, services) {
    return { Group: groupToWire(await createGroup(services, context, { name: GroupName, comments: Comments })) }
  },
})
