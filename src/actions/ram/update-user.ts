import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { updateUser } from '../../ram/users/update-user.ts'
import { optionalText } from '../fields.ts'
import { RAM_VERSION } from '../versions.ts'
import { userFields, userToWire } from './fields.ts'

/** Change the name or the texts of a RAM user. */
export const updateUserAction = action({
  name: 'UpdateUser',
  version: RAM_VERSION,
  access: 'update',
  ramAction: 'ram:UpdateUser',
  target: { resources: ({ UserName }) => (typeof UserName === 'string' ? [`user/${UserName}`] : []) },
  summary: 'Change the name or the texts of a RAM user.',
  strict: false,
  input: z.object({
    UserName: z.string().min(1),
    NewUserName: optionalText,
    NewDisplayName: z.string().optional(),
    NewMobilePhone: z.string().optional(),
    NewEmail: z.string().optional(),
    NewComments: z.string().optional(),
  }),
  output: z.object({ User: userFields }),
  problems: ['entityNotExist', 'invalidRamName', 'userExists', 'callerInactive'],
  async run(input, context, services) {
    const user = await updateUser(services, context, input.UserName, {
      name: input.NewUserName,
      displayName: input.NewDisplayName,
      mobilePhone: input.NewMobilePhone,
      email: input.NewEmail,
      comments: input.NewComments,
    })
    return { User: userToWire(user) }
  },
})
