import type { Services } from '../../services.ts'
import { type ClientToken, withClientToken } from '../../storage/client-tokens.ts'
import { makeAccessKey } from '../make-access-key.ts'
import { rootPrincipal } from '../principals.ts'
import { parseAccountName } from './account-name.ts'
import { drawAccountId } from './draw-account-id.ts'
import type { OperatorAct } from './operator.ts'

/** A new tenant with the first key of its own; the secret is here and nowhere else in the clear, and not in the answer to a replay. */
export interface CreatedAccount {
  readonly accountId: number
  readonly accessKeyId: string
  readonly secret?: string
}

/**
 * Makes an account. It has no plans: it buys them, or the operator for it.
 *
 * @throws Problem missingParameter, invalidParameter, idempotentParameterMismatch, callerInactive
 */
export async function createAccount(
  { db, sealer, clock, randomBytes, operatorAccountId }: Pick<Services, 'db' | 'sealer' | 'clock' | 'randomBytes' | 'operatorAccountId'>,
  act: OperatorAct,
  given: { readonly name: string; readonly token: ClientToken | undefined },
): Promise<CreatedAccount> {
  const name = parseAccountName(given.name)
  return await withClientToken<CreatedAccount>(db, given.token, async () => {
    const accountId = drawAccountId(randomBytes)
    const { accessKeyId, secret } = makeAccessKey(randomBytes)
    await db.write.createAccount({
      accountId,
      name,
      accessKeyId,
      principal: rootPrincipal(accountId),
      secretSealed: sealer.seal(Buffer.from(secret), { purpose: 'accessKey', accountId, id: accessKeyId }),
      eventId: await db.nextId('events'),
      operatorAccountId,
      now: clock(),
      token: given.token ?? null,
      ...act,
    })
    return { accountId, accessKeyId, secret }
  })
}
