import { Problem } from '../../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../../storage/accounts.ts'
import { assertTokenStored, type ClientToken, insertClientToken } from '../../storage/client-tokens.ts'
import { insertEvent, type Origin } from '../../storage/events.ts'
import { defineWrite } from '../../storage/write.ts'

export interface CreateAccountInput {
  readonly accountId: number
  readonly name: string
  readonly accessKeyId: string
  readonly principal: string
  readonly secretSealed: Uint8Array
  readonly eventId: number
  readonly operatorAccountId: number
  readonly now: number
  readonly caller: WritingCaller | null
  readonly origin: Origin
  readonly token: ClientToken | null
}

/** Stores an account with a first access key of its own. Refuses with `callerInactive` or `clientTokenTaken`. */
export const createAccount = defineWrite({
  async run(tx, input: CreateAccountInput): Promise<void> {
    const { accountId, now } = input
    // The secret is not in the answer that a replay gets.
    const token = input.token === null ? undefined : insertClientToken(tx, input.token, { accountId, accessKeyId: input.accessKeyId })
    const active = input.caller === null ? undefined : selectActiveCaller(tx, input.caller)
    await Promise.all([
      tx.insert('accounts', { id: accountId, name: input.name, status: 'active', created_at: now }),
      tx.insert('access_keys', {
        id: input.accessKeyId,
        account_id: accountId,
        principal: input.principal,
        secret_sealed: input.secretSealed,
        status: 'Active',
        created_at: now,
      }),
      insertEvent(tx, {
        id: input.eventId,
        // What the operator does is in the operator's trail.
        accountId: input.operatorAccountId,
        at: now,
        kind: 'account.created',
        origin: input.origin,
        resource: `account/${accountId}`,
        detail: { name: input.name, accessKeyId: input.accessKeyId },
      }),
    ])
    assertTokenStored(await token)
    if ((await active)?.rows.length === 0) throw new Problem('callerInactive')
  },
})
