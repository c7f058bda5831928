import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import type { UserRow } from '../../storage/ram-users.ts'
import { nameKey } from '../name-key.ts'
import { parseRamText } from '../names.ts'
import { userPrincipal } from '../principals.ts'
import { prepareRamChange } from '../ram-change.ts'
import { findNamedUser } from './named-user.ts'
import { loadUser } from './user.ts'
import type { UserTexts } from './user-texts.ts'

/** What changes; undefined leaves it as it is. */
export type UserChanges = { readonly [text in keyof UserTexts]: string | undefined } & { readonly name: string | undefined }

/**
 * Changes a user. A new name is a new principal: what was told by the old one (orders, events) keeps it.
 *
 * @throws Problem entityNotExist, invalidRamName, userExists, callerInactive
 */
export async function updateUser(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  userName: string,
  changes: UserChanges,
): Promise<UserRow> {
  const { accountId } = context.caller
  const user = await findNamedUser(services, context, userName)
  const name = changes.name === undefined ? user.name : parseRamText(changes.name, 'UserName', 'NewUserName')
  const text = (given: string | undefined, kind: 'DisplayName' | 'MobilePhone' | 'Email' | 'Comments', now: string) =>
    given === undefined ? now : parseRamText(given, kind, `New${kind}`)
  await services.db.write.updateUser({
    ...(await prepareRamChange(services, context)),
    userId: user.id,
    oldName: user.name,
    name,
    nameKey: nameKey(name),
    principal: userPrincipal(accountId, name),
    displayName: text(changes.displayName, 'DisplayName', user.display_name),
    mobilePhone: text(changes.mobilePhone, 'MobilePhone', user.mobile_phone),
    email: text(changes.email, 'Email', user.email),
    comments: text(changes.comments, 'Comments', user.comments),
  })
  return await loadUser(services, accountId, name)
}
