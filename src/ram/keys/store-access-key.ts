import type { Services } from '../../services.ts'
import type { CreateAccessKeyInput } from '../create-access-key.tx.ts'
import { makeAccessKey } from '../make-access-key.ts'
import type { KeyOwner } from './key-owner.ts'

export type CreateKeyServices = Pick<Services, 'db' | 'sealer' | 'clock' | 'randomBytes'>

/** A new key: the secret is in the answer and nowhere else in the clear. */
export interface CreatedAccessKey {
  readonly accountId: number
  readonly accessKeyId: string
  readonly secret: string
  /** ms. */
  readonly createdAt: number
}

/** Makes and stores a key of somebody. */
export async function storeAccessKey(
  { db, sealer, clock, randomBytes }: CreateKeyServices,
  owner: KeyOwner & { readonly accountId: number },
  by: Pick<CreateAccessKeyInput, 'origin' | 'caller'>,
): Promise<CreatedAccessKey> {
  const { accountId, principal, userId } = owner
  const { accessKeyId, secret } = makeAccessKey(randomBytes)
  const now = clock()
  await db.write.createAccessKey({
    accessKeyId,
    accountId,
    principal,
    userId,
    secretSealed: sealer.seal(Buffer.from(secret), { purpose: 'accessKey', accountId, id: accessKeyId }),
    eventId: await db.nextId('events'),
    now,
    ...by,
  })
  return { accountId, accessKeyId, secret, createdAt: now }
}
