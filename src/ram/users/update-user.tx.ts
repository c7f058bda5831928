import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'
import type { UserTexts } from './user-texts.ts'

export interface UpdateUserInput extends RamChange, UserTexts {
  readonly userId: number
  readonly oldName: string
  readonly name: string
  readonly nameKey: string
  readonly principal: string
}

/** Changes a user; its access keys follow a new name. Refuses with `entityNotExist`, `userExists` or `callerInactive`. */
export const updateUser = defineWrite({
  async run(tx, input: UpdateUserInput): Promise<void> {
    const { userId, now } = input
    const { accountId } = input.caller
    const [, updated] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(
        `update ram_users set name = ?, name_key = ?, display_name = ?, mobile_phone = ?, email = ?, comments = ?, updated_at = ?
         where id = ? and account_id = ?`,
        [input.name, input.nameKey, input.displayName, input.mobilePhone, input.email, input.comments, now, userId, accountId],
      ),
      tx.run(`update access_keys set principal = ? where user_id = ? and account_id = ?`, [input.principal, userId, accountId]),
      recordRamChange(tx, input, { kind: 'user.updated', resource: `user/${input.oldName}`, detail: { name: input.name } }),
    ])
    if (updated.changes === 0) throw new Problem('entityNotExist', { P: 'User', what: 'user' })
  },
})
