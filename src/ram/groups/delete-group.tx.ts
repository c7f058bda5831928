import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'

export interface DeleteGroupInput extends RamChange {
  readonly groupId: number
  readonly name: string
}

/** Deletes a group that holds nobody and nothing. Refuses with `deleteConflict`, `entityNotExist` or `callerInactive`. */
export const deleteGroup = defineWrite({
  async run(tx, input: DeleteGroupInput): Promise<void> {
    const { groupId } = input
    const { accountId } = input.caller
    const [, users, policies, deleted] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(`select 1 from ram_group_members where group_id = ? limit 1`, [groupId]),
      tx.run(`select 1 from ram_attachments where account_id = ? and holder_kind = 'group' and holder_id = ? limit 1`, [
        accountId,
        groupId,
      ]),
      tx.run(
        `delete from ram_groups where id = ? and account_id = ?
           and not exists (select 1 from ram_group_members where group_id = ram_groups.id)`,
        [groupId, accountId],
      ),
      recordRamChange(tx, input, { kind: 'group.deleted', resource: `group/${input.name}` }),
    ])
    if (users.rows.length > 0) throw new Problem('deleteConflict', { P: 'Group.User', rule: 'users are in the group.' })
    if (policies.rows.length > 0) throw new Problem('deleteConflict', { P: 'Group.Policy', rule: 'policies are attached to the group.' })
    if (deleted.changes === 0) throw new Problem('entityNotExist', { P: 'Group', what: 'group' })
  },
})
