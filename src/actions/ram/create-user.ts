import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { createUser } from '../../ram/users/create-user.ts'
import { RAM_VERSION } from '../versions.ts'
import { userFields, userToWire } from './fields.ts'
import { jsonTags } from './json-list.ts'

/** Create a RAM user, who may do nothing yet. */
export const createUserAction = action({
  name: 'CreateUser',
  version: RAM_VERSION,
  access: 'create',
  ramAction: 'ram:CreateUser',
  summary: 'Create a RAM user, who may do nothing yet.',
  strict: false,
  input: z.object({
    UserName: z.string().min(1),
    DisplayName: z.string().default(''),
    MobilePhone: z.string().default(''),
    Email: z.string().default(''),
    Comments: z.string().default(''),
    Tag: jsonTags,
  }),
  output: z.object({ User: userFields }),
  problems: ['entityNotExist', 'invalidRamName', 'userExists', 'limitExceeded', 'callerInactive'],
  async run(input, context, services) {
    const user = await createUser(services, context, {
      name: input.UserName,
      displayName: input.DisplayName,
      mobilePhone: input.MobilePhone,
      email: input.Email,
      comments: input.Comments,
      tags: input.Tag.map(({ Key, Value }) => ({ key: Key, value: Value })),
    })
    return { User: userToWire(user) }
  },
})
