import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'

export interface DeleteRoleInput extends RamChange {
  readonly roleId: number
  readonly name: string
}

/** Deletes a role that holds nothing, with its tags. Refuses with `deleteConflict`, `entityNotExist` or `callerInactive`. */
export const deleteRole = defineWrite({
  async run(tx, input: DeleteRoleInput): Promise<void> {
    const { roleId } = input
    const { accountId } = input.caller
    const [, attached, , deleted] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(`select 1 from ram_attachments where account_id = ? and holder_kind = 'role' and holder_id = ? limit 1`, [accountId, roleId]),
      tx.run(`delete from tags where account_id = ? and resource_type = 'role' and resource_id = ?`, [accountId, roleId]),
      tx.run(`delete from ram_roles where id = ? and account_id = ?`, [roleId, accountId]),
      recordRamChange(tx, input, { kind: 'role.deleted', resource: `role/${input.name}` }),
    ])
    if (attached.rows.length > 0) throw new Problem('deleteConflict', { P: 'Role.Policy', rule: 'policies are attached to the role.' })
    if (deleted.changes === 0) throw new Problem('entityNotExist', { P: 'Role', what: 'role' })
  },
})
