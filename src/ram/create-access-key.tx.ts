import { Problem } from '../problem.ts'
import { lockAccount, selectActiveCaller, type WritingCaller } from '../storage/accounts.ts'
import { insertEvent, type Origin } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'
import { MOST_ACCOUNT_KEYS, MOST_USER_KEYS } from './keys/key-limits.ts'

export interface CreateAccessKeyInput {
  readonly accessKeyId: string
  readonly accountId: number
  readonly principal: string
  /** The RAM user whose key it is; null: the account's own. */
  readonly userId: number | null
  readonly secretSealed: Uint8Array
  readonly eventId: number
  readonly now: number
  readonly origin: Origin
  /** Who asks; null: the operator at the machine. */
  readonly caller: WritingCaller | null
}

/** Stores a further access key. Refuses with `tooManyAccessKeys`, `entityNotExist` (the user is gone) or `callerInactive`. */
export const createAccessKey = defineWrite({
  async run(tx, input: CreateAccessKeyInput): Promise<void> {
    tx.notify('ram')
    const { userId } = input
    const [, active, user, , keys] = await Promise.all([
      // Makes processes count one after the other, each with what the one before it stored.
      lockAccount(tx, input.accountId),
      input.caller === null ? undefined : selectActiveCaller(tx, input.caller),
      userId === null ? undefined : tx.run(`select 1 from ram_users where id = ? and account_id = ?`, [userId, input.accountId]),
      tx.insert('access_keys', {
        id: input.accessKeyId,
        account_id: input.accountId,
        principal: input.principal,
        secret_sealed: input.secretSealed,
        status: 'Active',
        created_at: input.now,
        user_id: userId,
      }),
      // Counted after the insert, in the same transaction.
      userId === null
        ? tx.run(`select count(*) as count from access_keys where principal = ? and status = 'Active'`, [input.principal])
        : tx.run(`select count(*) as count from access_keys where user_id = ?`, [userId]),
      insertEvent(tx, {
        id: input.eventId,
        accountId: input.accountId,
        at: input.now,
        kind: 'accessKey.created',
        origin: input.origin,
        resource: `accessKey/${input.accessKeyId}`,
        detail: { principal: input.principal },
      }),
    ])
    if (active?.rows.length === 0) throw new Problem('callerInactive')
    if (user?.rows.length === 0) throw new Problem('entityNotExist', { P: 'User', what: 'user' })
    const most = userId === null ? MOST_ACCOUNT_KEYS : MOST_USER_KEYS
    if (Number(keys.rows[0]?.['count']) > most) throw new Problem('tooManyAccessKeys')
  },
})
