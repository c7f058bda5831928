import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { findNamedUser } from '../../ram/users/named-user.ts'
import { groupWireId } from '../../ram/wire-ids.ts'
import { listGroupsOfUser } from '../../storage/ram-groups.ts'
import { RAM_VERSION } from '../versions.ts'
import { wireTime } from './fields.ts'

/** List the groups that a user is in. */
export const listGroupsForUserAction = action({
  name: 'ListGroupsForUser',
  version: RAM_VERSION,
  access: 'list',
  ramAction: 'ram:ListGroupsForUser',
  target: { resources: ({ UserName }) => (typeof UserName === 'string' ? [`user/${UserName}`] : []) },
  summary: 'List the groups that a user is in.',
  strict: false,
  input: z.object({ UserName: z.string().min(1) }),
  output: z.object({
    Groups: z.object({
      Group: z.array(z.object({ GroupId: z.string(), GroupName: z.string(), Comments: z.string(), JoinDate: z.string() })),
    }),
  }),
  problems: ['entityNotExist'],
  async run({ UserName }, context, services) {
    const user = await findNamedUser(services, context, UserName)
    const groups = await listGroupsOfUser(services.db.read, user.id)
    return {
      Groups: {
        Group: groups.map(({ id, name, comments, joined_at }) => ({
          GroupId: groupWireId(id),
          GroupName: name,
          Comments: comments,
          JoinDate: wireTime(joined_at),
        })),
      },
    }
  },
})
