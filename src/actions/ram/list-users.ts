import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { listUsers } from '../../storage/ram-users.ts'
import { RAM_VERSION } from '../versions.ts'
import { cutPage, pageFields, truncation, userFields, userToWire } from './fields.ts'

/** List the RAM users of the account. */
export const listUsersAction = action({
  name: 'ListUsers',
  version: RAM_VERSION,
  access: 'list',
  ramAction: 'ram:ListUsers',
  summary: 'List the RAM users of the account.',
  strict: false,
  input: z.object(pageFields),
  output: z.object({ Users: z.object({ User: z.array(userFields) }), ...truncation }),
  problems: [],
  async run({ Marker, MaxItems }, context, services) {
    const { page, ...rest } = cutPage(await listUsers(services.db.read, context.caller.accountId, Marker ?? 0, MaxItems + 1), MaxItems)
    return { Users: { User: page.map(userToWire) }, ...rest }
  },
})
