import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { findNamedGroup } from '../../ram/groups/named-group.ts'
import { listMembers } from '../../storage/ram-groups.ts'
import { RAM_VERSION } from '../versions.ts'
import { cutPage, pageFields, truncation, wireTime } from './fields.ts'

/** List the users of a group. */
export const listUsersForGroupAction = action({
  name: 'ListUsersForGroup',
  version: RAM_VERSION,
  access: 'list',
  ramAction: 'ram:ListUsersForGroup',
  target: { resources: ({ GroupName }) => (typeof GroupName === 'string' ? [`group/${GroupName}`] : []) },
  summary: 'List the users of a group.',
  strict: false,
  input: z.object({ GroupName: z.string().min(1), ...pageFields }),
  output: z.object({
    Users: z.object({ User: z.array(z.object({ UserName: z.string(), DisplayName: z.string(), JoinDate: z.string() })) }),
    ...truncation,
  }),
  problems: ['entityNotExist'],
  async run({ GroupName, Marker, MaxItems }, context, services) {
    const group = await findNamedGroup(services, context, GroupName)
    const { page, ...rest } = cutPage(await listMembers(services.db.read, group.id, Marker ?? 0, MaxItems + 1), MaxItems)
    const User = page.map(({ name, display_name, joined_at }) => ({
      UserName: name,
      DisplayName: display_name,
      JoinDate: wireTime(joined_at),
    }))
    return { Users: { User }, ...rest }
  },
})
