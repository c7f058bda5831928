import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import type { Caller } from '../../gateway/caller.ts'
import { roleWireId, userWireId } from '../../ram/wire-ids.ts'
import { STS_VERSION } from '../versions.ts'

const output = z.object({
  AccountId: z.string(),
  /** Of an account and of a user. */
  UserId: z.string().optional(),
  /** Of a session. */
  RoleId: z.string().optional(),
  Arn: z.string(),
  IdentityType: z.enum(['Account', 'RAMUser', 'AssumedRoleUser']),
  PrincipalId: z.string(),
})

/** Whose key signs the call. */
export const getCallerIdentityAction = action({
  name: 'GetCallerIdentity',
  version: STS_VERSION,
  access: 'get',
  ramAction: 'sts:GetCallerIdentity',
  decidedBy: 'action',
  summary: 'Tell whose key signs the call; whoever has a key may ask.',
  strict: false,
  input: z.object({}),
  output,
  problems: [],
  run: (_, { caller }) => Promise.resolve(describeCaller(caller)),
})

function describeCaller({ accountId, principal, identity }: Caller): z.input<typeof output> {
  const of = { AccountId: String(accountId), Arn: principal }
  switch (identity.kind) {
    case 'account':
      return { ...of, IdentityType: 'Account', UserId: String(accountId), PrincipalId: String(accountId) }
    case 'user': {
      const userId = userWireId(identity.userId)
      return { ...of, IdentityType: 'RAMUser', UserId: userId, PrincipalId: userId }
    }
    case 'session': {
      const roleId = roleWireId(identity.roleId)
      return { ...of, IdentityType: 'AssumedRoleUser', RoleId: roleId, PrincipalId: `${roleId}:${identity.sessionName}` }
    }
    case 'anonymous':
      throw new Error('the action needs a key')
  }
}
