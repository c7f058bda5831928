import { Problem } from '../../problem.ts'
import { beginRamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'
import type { PolicyVersionInput } from './set-default-policy-version.tx.ts'

/** Deletes a version that is not in force. Refuses with `deleteConflict`, `entityNotExist` or `callerInactive`. */
export const deletePolicyVersion = defineWrite({
  async run(tx, input: PolicyVersionInput): Promise<void> {
    const { policyId, version } = input
    const { accountId } = input.caller
    const [, isDefault, deleted] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(`select 1 from ram_policies where id = ? and account_id = ? and default_version = ?`, [policyId, accountId, version]),
      tx.run(`delete from ram_policy_versions where policy_id = ? and version = ?`, [policyId, version]),
      tx.run(`update ram_policies set updated_at = ? where id = ? and account_id = ?`, [input.now, policyId, accountId]),
      recordRamChange(tx, input, { kind: 'policy.versionDeleted', resource: `policy/${input.name}`, detail: { version } }),
    ])
    if (isDefault.rows.length > 0) {
      throw new Problem('deleteConflict', { P: 'Policy.Version.Default', rule: 'it is the default version of the policy.' })
    }
    if (deleted.changes === 0) throw new Problem('entityNotExist', { P: 'Policy.Version', what: 'policy version' })
  },
})
