import { Problem } from '../../problem.ts'
import { beginRamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'
import { type AccessKeyChange, OF_OWNER, ownedKey } from './owned-key.ts'

/** Deletes a key with its secret. Refuses with `entityNotExist` or `callerInactive`. */
export const deleteAccessKey = defineWrite({
  async run(tx, input: AccessKeyChange): Promise<void> {
    const [, changed] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(`delete from access_keys ${OF_OWNER}`, ownedKey(input)),
      recordRamChange(tx, input, { kind: 'accessKey.deleted', resource: `accessKey/${input.accessKeyId}` }),
    ])
    if (changed.changes === 0) throw new Problem('entityNotExist', { P: 'User.AccessKey', what: 'access key' })
  },
})
