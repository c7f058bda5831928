import type { Caller, RequestContext } from '../../gateway/caller.ts'
import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { userPrincipal } from '../principals.ts'
import { findNamedUser } from '../users/named-user.ts'

/** Whose access keys a call is about. */
export interface KeyOwner {
  /** Null: the account itself. */
  readonly userId: number | null
  readonly principal: string
}

/**
 * The user that a call names, or the caller itself.
 *
 * @throws Problem entityNotExist; missingParameter for a session, which has no keys of its own
 */
export async function findKeyOwner(
  services: Pick<Services, 'db' | 'access'>,
  context: RequestContext,
  userName: string | undefined,
): Promise<KeyOwner> {
  const { caller } = context
  if (userName !== undefined) {
    const user = await findNamedUser(services, context, userName)
    return { userId: user.id, principal: userPrincipal(caller.accountId, user.name) }
  }
  const { identity, principal } = caller
  if (identity.kind === 'user') return { userId: identity.userId, principal }
  if (identity.kind === 'account') return { userId: null, principal }
  throw new Problem('missingParameter', { P: 'UserName' })
}

/** The resource that permission sees: the user named, or the caller's own. */
export function keyOwnerResource({ UserName }: Readonly<Record<string, unknown>>, { identity }: Caller): readonly string[] {
  if (typeof UserName === 'string' && UserName !== '') return [`user/${UserName}`]
  return identity.kind === 'user' ? [`user/${identity.userName}`] : []
}
