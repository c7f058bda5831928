import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { findKeyOwner, keyOwnerResource } from '../../ram/keys/key-owner.ts'
import { prepareRamChange } from '../../ram/ram-change.ts'
import { optionalText } from '../fields.ts'
import { RAM_VERSION } from '../versions.ts'

/** Delete an access key. */
export const deleteAccessKeyAction = action({
  name: 'DeleteAccessKey',
  version: RAM_VERSION,
  access: 'delete',
  ramAction: 'ram:DeleteAccessKey',
  target: { resources: keyOwnerResource },
  summary: 'Delete an access key.',
  strict: false,
  input: z.object({ UserName: optionalText, UserAccessKeyId: z.string().min(1) }),
  output: z.object({}),
  problems: ['entityNotExist', 'callerInactive'],
  async run({ UserName, UserAccessKeyId }, context, services) {
    const { userId } = await findKeyOwner(services, context, UserName)
    await services.db.write.deleteAccessKey({ ...(await prepareRamChange(services, context)), accessKeyId: UserAccessKeyId, userId })
    return {}
  },
})
