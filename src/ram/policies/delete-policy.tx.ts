import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'

export interface DeletePolicyInput extends RamChange {
  readonly policyId: number
  readonly name: string
  readonly policyKey: string
  readonly cascade: boolean
}

/** Deletes a policy with its versions and tags. Refuses with `deleteConflict`, `entityNotExist` or `callerInactive`. */
export const deletePolicy = defineWrite({
  async run(tx, input: DeletePolicyInput): Promise<void> {
    const { policyId } = input
    const { accountId } = input.caller
    const [, attached, versions, , , deleted] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(`select holder_kind as kind from ram_attachments where account_id = ? and policy_key = ? order by holder_kind desc limit 1`, [
        accountId,
        input.policyKey,
      ]),
      tx.run(`select count(*) as count from ram_policy_versions where policy_id = ?`, [policyId]),
      tx.run(`delete from ram_policy_versions where policy_id = ?`, [policyId]),
      tx.run(`delete from tags where account_id = ? and resource_type = 'policy' and resource_id = ?`, [accountId, policyId]),
      // An attachment refers to the row; what to answer then is seen from the count.
      tx.run(
        `delete from ram_policies where id = ? and account_id = ? and not exists (select 1 from ram_attachments where policy_id = ram_policies.id)`,
        [policyId, accountId],
      ),
      recordRamChange(tx, input, { kind: 'policy.deleted', resource: `policy/${input.name}` }),
    ])
    const kind = attached.rows[0]?.['kind']
    if (kind !== undefined) {
      const holder = kind === 'user' ? 'User' : kind === 'group' ? 'Group' : 'Role'
      throw new Problem('deleteConflict', { P: `Policy.${holder}`, rule: `the policy is attached to a ${String(kind)}.` })
    }
    if (deleted.changes === 0) throw new Problem('entityNotExist', { P: 'Policy', what: 'policy' })
    if (!input.cascade && Number(versions.rows[0]?.['count']) > 1) {
      throw new Problem('deleteConflict', { P: 'Policy.Version', rule: 'the policy has versions besides the default one.' })
    }
  },
})
