import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { Problem } from '../../problem.ts'
import { findKeyOwner, keyOwnerResource } from '../../ram/keys/key-owner.ts'
import { listAccessKeys } from '../../storage/ram-users.ts'
import { optionalText } from '../fields.ts'
import { RAM_VERSION } from '../versions.ts'
import { wireTime } from './fields.ts'

/** Read when an access key was used last; up to a minute old. */
export const getAccessKeyLastUsedAction = action({
  name: 'GetAccessKeyLastUsed',
  version: RAM_VERSION,
  access: 'get',
  ramAction: 'ram:GetAccessKeyLastUsed',
  target: { resources: keyOwnerResource },
  summary: 'Read when an access key was used last; up to a minute old.',
  strict: false,
  input: z.object({ UserName: optionalText, UserAccessKeyId: z.string().min(1) }),
  output: z.object({ AccessKeyLastUsed: z.object({ LastUsedDate: z.string(), ServiceName: z.string() }) }),
  problems: ['entityNotExist'],
  async run({ UserName, UserAccessKeyId }, context, services) {
    const { userId } = await findKeyOwner(services, context, UserName)
    const keys = await listAccessKeys(services.db.read, context.caller.accountId, userId)
    const key = keys.find(({ id }) => id === UserAccessKeyId)
    if (key === undefined) throw new Problem('entityNotExist', { P: 'User.AccessKey', what: 'access key' })
    const usedAt = key.last_used_at
    return {
      AccessKeyLastUsed: usedAt === null ? { LastUsedDate: '', ServiceName: '' } : { LastUsedDate: wireTime(usedAt), ServiceName: 'cas' },
    }
  },
})
