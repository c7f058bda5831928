import type { RequestContext } from '../gateway/caller.ts'
import type { Services } from '../services.ts'
import { originOf } from '../storage/events.ts'

/** Whether a reading unseals the private key. */
export type KeyReading = 'withKey' | 'withoutKey'

/** Reading a private key is a permission of its own, unless the account does as the original. */
export async function mayReadKey(services: Pick<Services, 'access'>, context: RequestContext, certificateId: number): Promise<KeyReading> {
  return await mayReadKeyOf(services, context, `certificate/${certificateId}`)
}

/** The same for whatever has a key: a certificate, a CSR. */
export async function mayReadKeyOf({ access }: Pick<Services, 'access'>, context: RequestContext, resource: string): Promise<KeyReading> {
  if (await access.readsKeysFreely(context.caller.accountId)) return 'withKey'
  const asked = { action: 'yundun-cert:GetPrivateKey', resources: [resource] }
  return (await access.isAllowed(context, asked)) ? 'withKey' : 'withoutKey'
}

/** Who got a private key is on record before the answer leaves. */
export async function recordReading(
  services: Pick<Services, 'db' | 'clock'>,
  context: RequestContext,
  certificateId: number,
): Promise<void> {
  await recordReadingOf(services, context, `certificate/${certificateId}`)
}

/** The same for whatever has a key. */
export async function recordReadingOf(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  context: RequestContext,
  resource: string,
): Promise<void> {
  await db.write.recordKeyReading({
    id: await db.nextId('events'),
    accountId: context.caller.accountId,
    at: clock(),
    kind: 'key.read',
    origin: originOf(context),
    resource,
    detail: { accessKeyId: context.caller.accessKeyId },
  })
}
