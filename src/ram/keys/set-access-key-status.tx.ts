import { Problem } from '../../problem.ts'
import { beginRamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'
import { MOST_ACCOUNT_KEYS } from './key-limits.ts'
import { type AccessKeyChange, OF_OWNER, ownedKey } from './owned-key.ts'

/** Switches a key on or off. Refuses with `entityNotExist`, `tooManyAccessKeys` (the account's own) or `callerInactive`. */
export const setAccessKeyStatus = defineWrite({
  async run(tx, input: AccessKeyChange & { readonly status: 'Active' | 'Inactive' }): Promise<void> {
    const [, changed, count] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(`update access_keys set status = ? ${OF_OWNER}`, [input.status, ...ownedKey(input)]),
      tx.run(`select count(*) as count from access_keys where account_id = ? and user_id is null and status = 'Active'`, [
        input.caller.accountId,
      ]),
      recordRamChange(tx, input, {
        kind: 'accessKey.updated',
        resource: `accessKey/${input.accessKeyId}`,
        detail: { status: input.status },
      }),
    ])
    if (changed.changes === 0) throw new Problem('entityNotExist', { P: 'User.AccessKey', what: 'access key' })
    if (input.userId === null && Number(count.rows[0]?.['count']) > MOST_ACCOUNT_KEYS) throw new Problem('tooManyAccessKeys')
  },
})
