import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'

/**
 * Deletes a key: its MAC key leaves the row, and its ACME accounts can order no more. The row stays, because orders name it. Refuses with
 * `entityNotExist` or `callerInactive`.
 */
export const deleteEabKey = defineWrite({
  async run(tx, input: RamChange & { readonly keyId: string }): Promise<void> {
    const { keyId, now } = input
    tx.notify('acme')
    const [, deleted] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(
        `update eab_keys set status = 'Deleted', mac_sealed = null, updated_at = ? where id = ? and account_id = ? and status <> 'Deleted'`,
        [now, keyId, input.caller.accountId],
      ),
      recordRamChange(tx, input, { kind: 'eabKey.deleted', resource: `eabkey/${keyId}` }),
    ])
    if (deleted.changes === 0) throw new Problem('entityNotExist', { P: 'EabKey', what: 'external account key' })
  },
})
