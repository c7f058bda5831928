import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { findKeyOwner, keyOwnerResource } from '../../ram/keys/key-owner.ts'
import { prepareRamChange } from '../../ram/ram-change.ts'
import { optionalText } from '../fields.ts'
import { RAM_VERSION } from '../versions.ts'

/** Switch an access key on or off. */
export const updateAccessKeyAction = action({
  name: 'UpdateAccessKey',
  version: RAM_VERSION,
  access: 'update',
  ramAction: 'ram:UpdateAccessKey',
  target: { resources: keyOwnerResource },
  summary: 'Switch an access key on or off.',
  strict: false,
  input: z.object({
    UserName: optionalText,
    UserAccessKeyId: z.string().min(1),
    Status: z.enum(['Active', 'Inactive']),
  }),
  output: z.object({}),
  problems: ['entityNotExist', 'tooManyAccessKeys', 'callerInactive'],
  async run(input, context, services) {
    const { userId } = await findKeyOwner(services, context, input.UserName)
    await services.db.write.setAccessKeyStatus({
      ...(await prepareRamChange(services, context)),
      accessKeyId: input.UserAccessKeyId,
      userId,
      status: input.Status,
    })
    return {}
  },
})
