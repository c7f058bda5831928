import { Problem } from '../problem.ts'
import { findInstallation } from '../storage/accounts.ts'
import { SERVICE_ORIGIN } from '../storage/events.ts'
import { findAccountRules } from '../storage/ram-grants.ts'
import { type CreatedAccessKey, type CreateKeyServices, storeAccessKey } from './keys/store-access-key.ts'
import { rootPrincipal } from './principals.ts'

/**
 * Makes a further access key of an account itself, for the operator of the machine.
 *
 * @param accountId the first account if absent
 * @throws Problem accountNotExist, tooManyAccessKeys
 */
export async function createRootAccessKey(services: CreateKeyServices, accountId?: number): Promise<CreatedAccessKey> {
  const installation = await findInstallation(services.db.read)
  if (installation === undefined) throw new Error('there is no installation')
  const owner = { accountId: accountId ?? installation.root_account_id, userId: null }
  if ((await findAccountRules(services.db.read, owner.accountId)) === undefined) throw new Problem('accountNotExist')
  return await storeAccessKey(services, { ...owner, principal: rootPrincipal(owner.accountId) }, { origin: SERVICE_ORIGIN, caller: null })
}
