import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import type { UserRow } from '../../storage/ram-users.ts'
import { assertStoredName } from '../stored-name.ts'
import { loadUser } from './user.ts'

/**
 * The user that a call names, whatever the case; the caller must be allowed to it by its own name too.
 *
 * @throws Problem entityNotExist (`EntityNotExist.User`), noPermission
 */
export async function findNamedUser(services: Pick<Services, 'db' | 'access'>, context: RequestContext, name: string): Promise<UserRow> {
  const user = await loadUser(services, context.caller.accountId, name)
  await assertStoredName(services, context, { type: 'user', given: name, stored: user.name })
  return user
}
