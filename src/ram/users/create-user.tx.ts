import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'
import { MOST_USERS } from './user-limits.ts'
import type { UserTexts } from './user-texts.ts'

export interface CreateUserInput extends RamChange, UserTexts {
  readonly userId: number
  readonly name: string
  readonly nameKey: string
  readonly tags: readonly { readonly key: string; readonly value: string }[]
}

/** Stores a user. Refuses with `userExists`, `limitExceeded` or `callerInactive`. */
export const createUser = defineWrite({
  async run(tx, input: CreateUserInput): Promise<void> {
    const { userId, now } = input
    const { accountId } = input.caller
    const [, , count] = await Promise.all([
      beginRamChange(tx, input),
      tx.insert('ram_users', {
        id: userId,
        account_id: accountId,
        name: input.name,
        name_key: input.nameKey,
        display_name: input.displayName,
        mobile_phone: input.mobilePhone,
        email: input.email,
        comments: input.comments,
        created_at: now,
        updated_at: now,
      }),
      tx.run(`select count(*) as count from ram_users where account_id = ?`, [accountId]),
      ...input.tags.map(({ key, value }) =>
        tx.insert('tags', { account_id: accountId, resource_type: 'user', resource_id: userId, key, value }),
      ),
      recordRamChange(tx, input, { kind: 'user.created', resource: `user/${input.name}` }),
    ])
    if (Number(count.rows[0]?.['count']) > MOST_USERS) throw new Problem('limitExceeded', { P: 'User', limit: String(MOST_USERS) })
  },
})
