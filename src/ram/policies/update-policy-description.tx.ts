import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'

export interface UpdatePolicyDescriptionInput extends RamChange {
  readonly policyId: number
  readonly name: string
  readonly description: string
}

/** Changes a description. Refuses with `entityNotExist` or `callerInactive`. */
export const updatePolicyDescription = defineWrite({
  async run(tx, input: UpdatePolicyDescriptionInput): Promise<void> {
    const [, updated] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(`update ram_policies set description = ?, updated_at = ? where id = ? and account_id = ?`, [
        input.description,
        input.now,
        input.policyId,
        input.caller.accountId,
      ]),
      recordRamChange(tx, input, { kind: 'policy.updated', resource: `policy/${input.name}` }),
    ])
    if (updated.changes === 0) throw new Problem('entityNotExist', { P: 'Policy', what: 'policy' })
  },
})
