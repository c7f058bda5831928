import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'

export interface UpdateGroupInput extends RamChange {
  readonly groupId: number
  readonly oldName: string
  readonly name: string
  readonly nameKey: string
  readonly comments: string
}

/** Changes a group. Refuses with `entityNotExist`, `groupExists` or `callerInactive`. */
export const updateGroup = defineWrite({
  async run(tx, input: UpdateGroupInput): Promise<void> {
    const [, updated] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(`update ram_groups set name = ?, name_key = ?, comments = ?, updated_at = ? where id = ? and account_id = ?`, [
        input.name,
        input.nameKey,
        input.comments,
        input.now,
        input.groupId,
        input.caller.accountId,
      ]),
      recordRamChange(tx, input, { kind: 'group.updated', resource: `group/${input.oldName}`, detail: { name: input.name } }),
    ])
    if (updated.changes === 0) throw new Problem('entityNotExist', { P: 'Group', what: 'group' })
  },
})
