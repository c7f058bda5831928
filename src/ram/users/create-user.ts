import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import type { UserRow } from '../../storage/ram-users.ts'
import { nameKey } from '../name-key.ts'
import { parseRamText } from '../names.ts'
import { prepareRamChange } from '../ram-change.ts'
import { parseRamTags, type RamTag } from '../tags/ram-tags.ts'
import { loadUser } from './user.ts'
import type { UserTexts } from './user-texts.ts'

/**
 * Makes a user, who may do nothing yet.
 *
 * @throws Problem invalidRamName, invalidParameter, userExists, limitExceeded, callerInactive
 */
export async function createUser(
  services: Pick<Services, 'db' | 'clock'>,
  context: RequestContext,
  given: UserTexts & { readonly name: string; readonly tags: readonly RamTag[] },
): Promise<UserRow> {
  const { db } = services
  const name = parseRamText(given.name, 'UserName')
  await db.write.createUser({
    ...(await prepareRamChange(services, context)),
    userId: await db.nextId('ram_users'),
    name,
    nameKey: nameKey(name),
    displayName: given.displayName === '' ? name : parseRamText(given.displayName, 'DisplayName'),
    mobilePhone: parseRamText(given.mobilePhone, 'MobilePhone'),
    email: parseRamText(given.email, 'Email'),
    comments: parseRamText(given.comments, 'Comments'),
    tags: parseRamTags(given.tags),
  })
  return await loadUser(services, context.caller.accountId, name)
}
