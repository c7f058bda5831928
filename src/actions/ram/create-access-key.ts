import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { createAccessKey } from '../../ram/create-access-key.ts'
import { findKeyOwner, keyOwnerResource } from '../../ram/keys/key-owner.ts'
import { optionalText } from '../fields.ts'
import { RAM_VERSION } from '../versions.ts'
import { accessKeyFields, accessKeyToWire } from './fields.ts'

/** Create an access key of a RAM user, or of the caller; the secret is shown this once. */
export const createAccessKeyAction = action({
  name: 'CreateAccessKey',
  version: RAM_VERSION,
  access: 'create',
  ramAction: 'ram:CreateAccessKey',
  target: { resources: keyOwnerResource },
  summary: 'Create an access key of a RAM user, or of the caller; the secret is shown this once.',
  strict: false,
  input: z.object({ UserName: optionalText }),
  output: z.object({ AccessKey: accessKeyFields.extend({ AccessKeySecret: z.string() }) }),
  problems: ['entityNotExist', 'tooManyAccessKeys', 'callerInactive'],
  async run({ UserName }, context, services) {
    const owner = await findKeyOwner(services, context, UserName)
    const { accessKeyId, secret, createdAt } = await createAccessKey(services, context, owner)
    const view = accessKeyToWire({ id: accessKeyId, status: 'Active', created_at: createdAt, last_used_at: null })
    return { AccessKey: { ...view, AccessKeySecret: secret } }
  },
})
