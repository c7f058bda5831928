import type { RequestContext } from '../gateway/caller.ts'
import { originOf } from '../storage/events.ts'
import type { KeyOwner } from './keys/key-owner.ts'
import { type CreatedAccessKey, type CreateKeyServices, storeAccessKey } from './keys/store-access-key.ts'

/**
 * Makes an access key of a user, or of the caller's own account.
 *
 * @throws Problem tooManyAccessKeys, entityNotExist, callerInactive
 */
export async function createAccessKey(services: CreateKeyServices, context: RequestContext, owner: KeyOwner): Promise<CreatedAccessKey> {
  const { caller } = context
  return await storeAccessKey(services, { ...owner, accountId: caller.accountId }, { origin: originOf(context), caller })
}
