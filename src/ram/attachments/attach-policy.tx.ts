import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import type { HolderKind } from '../../storage/ram-attachments.ts'
import { defineWrite } from '../../storage/write.ts'
import { holderWords, MOST_ATTACHED } from './limits.ts'

export interface AttachmentInput extends RamChange {
  readonly holderKind: HolderKind
  readonly holderId: number
  readonly holderName: string
  readonly policyType: 'System' | 'Custom'
  readonly policyKey: string
  /** Null for a system policy. */
  readonly policyId: number | null
  readonly policyName: string
}

const holderTables = { user: 'ram_users', group: 'ram_groups', role: 'ram_roles' } as const satisfies Record<HolderKind, string>

/** Attaches a policy. Refuses with `entityNotExist`, `policyAttached`, `limitExceeded` or `callerInactive`. */
export const attachPolicy = defineWrite({
  async run(tx, input: AttachmentInput): Promise<void> {
    const { holderKind: kind, holderId, policyKey, policyType, policyId } = input
    const { accountId } = input.caller
    const most = MOST_ATTACHED[policyType]
    // Deletions wait for the account's lock too: what is found below stays until the commit.
    const [, holder, policy, inserted, count] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(`select 1 from ${holderTables[kind]} where id = ? and account_id = ?`, [holderId, accountId]),
      policyId === null ? undefined : tx.run(`select 1 from ram_policies where id = ? and account_id = ?`, [policyId, accountId]),
      tx.run(
        `insert into ram_attachments (account_id, holder_kind, holder_id, policy_key, policy_id, attached_at)
         select id, cast(? as text), cast(? as bigint), cast(? as text), cast(? as bigint), cast(? as bigint) from accounts
          where id = ? and (? = 0 or exists (select 1 from ram_policies where id = ?))
         on conflict do nothing`,
        [kind, holderId, policyKey, policyId, input.now, accountId, policyId === null ? 0 : 1, policyId ?? 0],
      ),
      tx.run(
        `select count(*) as count from ram_attachments where account_id = ? and holder_kind = ? and holder_id = ? and policy_key like ?`,
        [accountId, kind, holderId, `${policyType}:%`],
      ),
      recordRamChange(tx, input, {
        kind: 'policy.attached',
        resource: `${kind}/${input.holderName}`,
        detail: { policyType, policy: input.policyName },
      }),
    ])
    const word = holderWords[kind]
    if (holder.rows.length === 0) throw new Problem('entityNotExist', { P: word, what: kind })
    if (policy?.rows.length === 0) throw new Problem('entityNotExist', { P: 'Policy', what: 'policy' })
    if (inserted.changes === 0) throw new Problem('policyAttached', { P: `${word}.Policy`, what: kind })
    if (Number(count.rows[0]?.['count']) > most) {
      throw new Problem('limitExceeded', { P: `${word}.Policy`, limit: `${most} ${policyType.toLowerCase()} policies` })
    }
  },
})
