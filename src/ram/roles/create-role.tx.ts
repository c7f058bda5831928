import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'
import { MOST_ROLES } from './role-limits.ts'

export interface CreateRoleInput extends RamChange {
  readonly roleId: number
  readonly name: string
  readonly nameKey: string
  readonly description: string
  readonly trustDocument: string
  readonly documentSha256: string
  readonly maxSessionSeconds: number
  readonly tags: readonly { readonly key: string; readonly value: string }[]
}

/** Stores a role. Refuses with `roleExists`, `limitExceeded` or `callerInactive`. */
export const createRole = defineWrite({
  async run(tx, input: CreateRoleInput): Promise<void> {
    const { roleId, now, maxSessionSeconds } = input
    const { accountId } = input.caller
    const [, , count] = await Promise.all([
      beginRamChange(tx, input),
      tx.insert('ram_roles', {
        id: roleId,
        account_id: accountId,
        name: input.name,
        name_key: input.nameKey,
        description: input.description,
        trust_document: input.trustDocument,
        max_session_seconds: maxSessionSeconds,
        created_at: now,
        updated_at: now,
      }),
      tx.run(`select count(*) as count from ram_roles where account_id = ?`, [accountId]),
      ...input.tags.map(({ key, value }) =>
        tx.insert('tags', { account_id: accountId, resource_type: 'role', resource_id: roleId, key, value }),
      ),
      recordRamChange(tx, input, {
        kind: 'role.created',
        resource: `role/${input.name}`,
        detail: { trustSha256: input.documentSha256, maxSessionSeconds },
      }),
    ])
    if (Number(count.rows[0]?.['count']) > MOST_ROLES) throw new Problem('limitExceeded', { P: 'Role', limit: String(MOST_ROLES) })
  },
})
