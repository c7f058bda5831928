import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'
import { MOST_POLICIES } from './policy-limits.ts'

export interface CreatePolicyInput extends RamChange {
  readonly policyId: number
  readonly name: string
  readonly nameKey: string
  readonly description: string
  readonly document: string
  readonly documentSha256: string
  readonly tags: readonly { readonly key: string; readonly value: string }[]
}

/** Stores a policy with its first version. Refuses with `policyExists`, `limitExceeded` or `callerInactive`. */
export const createPolicy = defineWrite({
  async run(tx, input: CreatePolicyInput): Promise<void> {
    const { policyId, now } = input
    const { accountId } = input.caller
    const [, , , count] = await Promise.all([
      beginRamChange(tx, input),
      tx.insert('ram_policies', {
        id: policyId,
        account_id: accountId,
        name: input.name,
        name_key: input.nameKey,
        description: input.description,
        default_version: 1,
        last_version: 1,
        created_at: now,
        updated_at: now,
      }),
      tx.insert('ram_policy_versions', { policy_id: policyId, version: 1, document: input.document, created_at: now }),
      tx.run(`select count(*) as count from ram_policies where account_id = ?`, [accountId]),
      ...input.tags.map(({ key, value }) =>
        tx.insert('tags', { account_id: accountId, resource_type: 'policy', resource_id: policyId, key, value }),
      ),
      recordRamChange(tx, input, {
        kind: 'policy.created',
        resource: `policy/${input.name}`,
        detail: { documentSha256: input.documentSha256 },
      }),
    ])
    if (Number(count.rows[0]?.['count']) > MOST_POLICIES) throw new Problem('limitExceeded', { P: 'Policy', limit: String(MOST_POLICIES) })
  },
})
