import { Problem } from '../../problem.ts'
import { beginRamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'
import { MOST_GROUPS } from './group-limits.ts'
import type { MembershipChange } from './membership.ts'

/** Puts a user into a group. Refuses with `userInGroup`, `entityNotExist`, `limitExceeded` or `callerInactive`. */
export const addMember = defineWrite({
  async run(tx, input: MembershipChange): Promise<void> {
    const { groupId, userId } = input
    const [, added, count] = await Promise.all([
      beginRamChange(tx, input),
      // Looked at again under the account's lock: what was read before may be gone.
      tx.run(
        `insert into ram_group_members (group_id, user_id, joined_at)
         select g.id, u.id, cast(? as bigint) from ram_groups g, ram_users u
          where g.id = ? and u.id = ? and g.account_id = ? and u.account_id = g.account_id`,
        [input.now, groupId, userId, input.caller.accountId],
      ),
      tx.run(`select count(*) as count from ram_group_members where user_id = ?`, [userId]),
      recordRamChange(tx, input, {
        kind: 'group.userAdded',
        resource: `group/${input.groupName}`,
        detail: { user: input.userName },
      }),
    ])
    if (added.changes === 0) throw new Problem('entityNotExist', { P: 'Group', what: 'group' })
    if (Number(count.rows[0]?.['count']) > MOST_GROUPS) {
      throw new Problem('limitExceeded', { P: 'User.Group', limit: `a user is in at most ${MOST_GROUPS} groups` })
    }
  },
})
