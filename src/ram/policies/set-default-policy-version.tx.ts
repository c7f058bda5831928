import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'

export interface PolicyVersionInput extends RamChange {
  readonly policyId: number
  readonly name: string
  readonly version: number
}

/** Puts a version in force. Refuses with `entityNotExist` (`EntityNotExist.Policy.Version`) or `callerInactive`. */
export const setDefaultPolicyVersion = defineWrite({
  async run(tx, input: PolicyVersionInput): Promise<void> {
    const { policyId, version } = input
    const [, updated] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(
        `update ram_policies set default_version = ?, updated_at = ? where id = ? and account_id = ?
            and exists (select 1 from ram_policy_versions where policy_id = ? and version = ?)`,
        [version, input.now, policyId, input.caller.accountId, policyId, version],
      ),
      recordRamChange(tx, input, { kind: 'policy.defaultChanged', resource: `policy/${input.name}`, detail: { version } }),
    ])
    if (updated.changes === 0) throw new Problem('entityNotExist', { P: 'Policy.Version', what: 'policy version' })
  },
})
