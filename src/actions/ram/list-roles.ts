import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { listRolesOfAccount } from '../../ram/roles/list-roles.ts'
import { RAM_VERSION } from '../versions.ts'
import { cutPage, pageFields, truncation, wireTime } from './fields.ts'
import { jsonTags } from './json-list.ts'
import { listedTags, tagsToWire } from './policy-fields.ts'
import { roleFields, roleToWire } from './role-fields.ts'

/** List the roles of the account. */
export const listRolesAction = action({
  name: 'ListRoles',
  version: RAM_VERSION,
  access: 'list',
  ramAction: 'ram:ListRoles',
  target: { resources: () => ['role/*'] },
  summary: 'List the roles of the account.',
  strict: false,
  input: z.object({ Tag: jsonTags, ...pageFields }),
  output: z.object({
    Roles: z.object({ Role: z.array(z.object({ ...roleFields, UpdateDate: z.string(), Tags: listedTags })) }),
    ...truncation,
  }),
  problems: [],
  async run({ Tag, Marker, MaxItems }, context, services) {
    const roles = await listRolesOfAccount(services, context.caller.accountId, {
      tags: Tag.map(({ Key, Value }) => ({ key: Key, value: Value })),
      afterId: Marker ?? 0,
      limit: MaxItems + 1,
    })
    const { page, ...rest } = cutPage(roles, MaxItems)
    const listed = page.map((role) => ({ ...roleToWire(role), UpdateDate: wireTime(role.updated_at), Tags: tagsToWire(role.tags) }))
    return { Roles: { Role: listed }, ...rest }
  },
})
