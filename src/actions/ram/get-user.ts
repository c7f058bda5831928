import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { findNamedUser } from '../../ram/users/named-user.ts'
import { RAM_VERSION } from '../versions.ts'
import { userFields, userToWire } from './fields.ts'

/** Read one RAM user. */
export const getUserAction = action({
  name: 'GetUser',
  version: RAM_VERSION,
  access: 'get',
  ramAction: 'ram:GetUser',
  target: { resources: ({ UserName }) => (typeof UserName === 'string' ? [`user/${UserName}`] : []) },
  summary: 'Read one RAM user.',
  strict: false,
  input: z.object({ UserName: z.string().min(1) }),
  output: z.object({ User: userFields }),
  problems: ['entityNotExist'],
  async run({ UserName }, context, services) {
    return { User: userToWire(await findNamedUser(services, context, UserName)) }
  },
})
