import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'

/** Null leaves something as it is. */
export interface UpdateRoleInput extends RamChange {
  readonly roleId: number
  readonly name: string
  readonly description: string | null
  readonly trustDocument: string | null
  readonly documentSha256: string | null
  readonly maxSessionSeconds: number | null
}

/** Changes a role. Refuses with `entityNotExist` or `callerInactive`. */
export const updateRole = defineWrite({
  async run(tx, input: UpdateRoleInput): Promise<void> {
    const { maxSessionSeconds, documentSha256 } = input
    const [, updated] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(
        `update ram_roles set description = coalesce(cast(? as text), description),
                trust_document = coalesce(cast(? as text), trust_document),
                max_session_seconds = coalesce(cast(? as bigint), max_session_seconds), updated_at = ?
          where id = ? and account_id = ?`,
        [input.description, input.trustDocument, maxSessionSeconds, input.now, input.roleId, input.caller.accountId],
      ),
      recordRamChange(tx, input, {
        kind: 'role.updated',
        resource: `role/${input.name}`,
        detail: {
          ...(documentSha256 !== null && { trustSha256: documentSha256 }),
          ...(maxSessionSeconds !== null && { maxSessionSeconds }),
        },
      }),
    ])
    if (updated.changes === 0) throw new Problem('entityNotExist', { P: 'Role', what: 'role' })
  },
})
