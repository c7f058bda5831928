import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'

export interface DeleteUserInput extends RamChange {
  readonly userId: number
  readonly name: string
}

/** Deletes a user that holds nothing any more. Refuses with `deleteConflict`, `entityNotExist` or `callerInactive`. */
export const deleteUser = defineWrite({
  async run(tx, input: DeleteUserInput): Promise<void> {
    const { userId } = input
    const { accountId } = input.caller
    const [, keys, eabKeys, groups, policies, , deleted] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(`select 1 from access_keys where user_id = ? limit 1`, [userId]),
      tx.run(`select 1 from eab_keys where user_id = ? and status <> 'Deleted' limit 1`, [userId]),
      tx.run(`select 1 from ram_group_members where user_id = ? limit 1`, [userId]),
      tx.run(`select 1 from ram_attachments where account_id = ? and holder_kind = 'user' and holder_id = ? limit 1`, [accountId, userId]),
      tx.run(`delete from tags where account_id = ? and resource_type = 'user' and resource_id = ?`, [accountId, userId]),
      tx.run(
        `delete from ram_users where id = ? and account_id = ?
           and not exists (select 1 from ram_group_members where user_id = ram_users.id)`,
        [userId, accountId],
      ),
      recordRamChange(tx, input, { kind: 'user.deleted', resource: `user/${input.name}` }),
    ])
    if (keys.rows.length > 0) throw new Problem('deleteConflict', { P: 'User.AccessKey', rule: 'the user has access keys.' })
    if (eabKeys.rows.length > 0) throw new Problem('deleteConflict', { P: 'User.EabKey', rule: 'the user has external account keys.' })
    if (groups.rows.length > 0) throw new Problem('deleteConflict', { P: 'User.Group', rule: 'the user is in groups.' })
    if (policies.rows.length > 0) throw new Problem('deleteConflict', { P: 'User.Policy', rule: 'policies are attached to the user.' })
    if (deleted.changes === 0) throw new Problem('entityNotExist', { P: 'User', what: 'user' })
  },
})
