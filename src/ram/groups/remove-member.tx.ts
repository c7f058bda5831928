import { Problem } from '../../problem.ts'
import { beginRamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'
import type { MembershipChange } from './membership.ts'

/** Takes a user out of a group. Refuses with `entityNotExist` (`EntityNotExist.User.Group`) or `callerInactive`. */
export const removeMember = defineWrite({
  async run(tx, input: MembershipChange): Promise<void> {
    const [, removed] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(`delete from ram_group_members where group_id = ? and user_id = ?`, [input.groupId, input.userId]),
      recordRamChange(tx, input, {
        kind: 'group.userRemoved',
        resource: `group/${input.groupName}`,
        detail: { user: input.userName },
      }),
    ])
    if (removed.changes === 0) throw new Problem('entityNotExist', { P: 'User.Group', what: 'membership' })
  },
})
