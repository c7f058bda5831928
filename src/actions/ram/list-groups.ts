import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { listGroups } from '../../storage/ram-groups.ts'
import { RAM_VERSION } from '../versions.ts'
import { cutPage, groupFields, groupToWire, pageFields, truncation } from './fields.ts'

/** List the groups of the account. */
export const listGroupsAction = action({
  name: 'ListGroups',
  version: RAM_VERSION,
  access: 'list',
  ramAction: 'ram:ListGroups',
  summary: 'List the groups of the account.',
  strict: false,
  input: z.object(pageFields),
  output: z.object({ Groups: z.object({ Group: z.array(groupFields) }), ...truncation }),
  problems: [],
  async run({ Marker, MaxItems }, context, services) {
    const { page, ...rest } = cutPage(await listGroups(services.db.read, context.caller.accountId, Marker ?? 0, MaxItems + 1), MaxItems)
    return { Groups: { Group: page.map(groupToWire) }, ...rest }
  },
})
