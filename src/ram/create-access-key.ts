import type { Services } from '../services.ts'
import { findInstallation } from '../storage/accounts.ts'
import { SERVICE_PRINCIPAL } from '../storage/events.ts'
import { rootPrincipal } from './authorize.ts'
import { makeAccessKey } from './make-access-key.ts'

/**
 * Makes a further access key of the first account; the secret is in the answer and nowhere else in the clear.
 *
 * @throws Problem tooManyAccessKeys
 */
export async function createRootAccessKey({
  db,
  sealer,
  clock,
  randomBytes,
}: Pick<Services, 'db' | 'sealer' | 'clock' | 'randomBytes'>): Promise<{ accountId: number; accessKeyId: string; secret: string }> {
  const installation = await findInstallation(db.read)
  if (installation === undefined) throw new Error('there is no installation')
  const accountId = installation.root_account_id
  const { accessKeyId, secret } = makeAccessKey(randomBytes)
  await db.write.createAccessKey({
    accessKeyId,
    accountId,
    principal: rootPrincipal(accountId),
    secretSealed: sealer.seal(Buffer.from(secret), { purpose: 'accessKey', accountId, id: accessKeyId }),
    eventId: await db.nextId('events'),
    now: clock(),
    by: SERVICE_PRINCIPAL,
  })
  return { accountId, accessKeyId, secret }
}
