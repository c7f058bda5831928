import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { findKeyOwner, keyOwnerResource } from '../../ram/keys/key-owner.ts'
import { listAccessKeys } from '../../storage/ram-users.ts'
import { optionalText } from '../fields.ts'
import { RAM_VERSION } from '../versions.ts'
import { accessKeyFields, accessKeyToWire } from './fields.ts'

/** List the access keys of a RAM user, or of the caller. */
export const listAccessKeysAction = action({
  name: 'ListAccessKeys',
  version: RAM_VERSION,
  access: 'list',
  ramAction: 'ram:ListAccessKeys',
  target: { resources: keyOwnerResource },
  summary: 'List the access keys of a RAM user, or of the caller.',
  strict: false,
  input: z.object({ UserName: optionalText }),
  output: z.object({ AccessKeys: z.object({ AccessKey: z.array(accessKeyFields) }) }),
  problems: ['entityNotExist'],
  async run({ UserName }, context, services) {
    const { userId } = await findKeyOwner(services, context, UserName)
    const keys = await listAccessKeys(services.db.read, context.caller.accountId, userId)
    return { AccessKeys: { AccessKey: keys.map(accessKeyToWire) } }
  },
})
