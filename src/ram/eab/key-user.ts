import type { Caller, RequestContext } from '../../gateway/caller.ts'
import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { loadUser } from '../users/user.ts'

/**
 * The user whose permissions a new key gets: the one named, or the caller. Only the account itself makes a key of the account.
 *
 * @returns null: the account itself
 * @throws Problem entityNotExist; noPermission; missingParameter for a session, which is no user
 */
export async function findKeyUser(
  services: Pick<Services, 'db' | 'access'>,
  context: RequestContext,
  userName: string | undefined,
): Promise<{ readonly id: number; readonly name: string } | null> {
  const { accountId, identity } = context.caller
  if (userName !== undefined) {
    const { id, name } = await loadUser(services, accountId, userName)
    // Names are found whatever their case, resources of policies are exact: `alice` must not pass a Deny for `user/Alice`.
    if (name !== userName) {
      await services.access.assertAllowed(context, { action: `yundun-cert:${context.action}`, resources: [`user/${name}`] })
    }
    return { id, name }
  }
  if (identity.kind === 'user') return { id: identity.userId, name: identity.userName }
  if (identity.kind === 'account') return null
  throw new Problem('missingParameter', { P: 'UserName' })
}

/** The resource that permission sees: the user named, or the caller's own. */
export function keyUserResource({ UserName }: Readonly<Record<string, unknown>>, { identity }: Caller): readonly string[] {
  if (typeof UserName === 'string' && UserName !== '') return [`user/${UserName}`]
  return identity.kind === 'user' ? [`user/${identity.userName}`] : []
}
