import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'
import { MOST_GROUPS } from './group-limits.ts'

export interface CreateGroupInput extends RamChange {
  readonly groupId: number
  readonly name: string
  readonly nameKey: string
  readonly comments: string
}

/** Stores a group. Refuses with `groupExists`, `limitExceeded` or `callerInactive`. */
export const createGroup = defineWrite({
  async run(tx, input: CreateGroupInput): Promise<void> {
    const { accountId } = input.caller
    const [, , count] = await Promise.all([
      beginRamChange(tx, input),
      tx.insert('ram_groups', {
        id: input.groupId,
        account_id: accountId,
        name: input.name,
        name_key: input.nameKey,
        comments: input.comments,
        created_at: input.now,
        updated_at: input.now,
      }),
      tx.run(`select count(*) as count from ram_groups where account_id = ?`, [accountId]),
      recordRamChange(tx, input, { kind: 'group.created', resource: `group/${input.name}` }),
    ])
    if (Number(count.rows[0]?.['count']) > MOST_GROUPS) throw new Problem('limitExceeded', { P: 'Group', limit: String(MOST_GROUPS) })
  },
})
