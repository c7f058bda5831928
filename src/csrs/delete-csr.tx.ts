import { Problem } from '../problem.ts'
import { type AccountChange, beginAccountChange, recordAccountChange } from '../storage/account-change.ts'
import { defineWrite } from '../storage/write.ts'

/** Deletes a CSR with its sealed key, which SQLite overwrites in the file. Refuses with `notFoundContent` or `callerInactive`. */
export const deleteCsr = defineWrite({
  async run(tx, input: AccountChange & { readonly csrId: number }): Promise<void> {
    const { csrId, caller } = input
    const begun = beginAccountChange(tx, input)
    const deleted = tx.run(`delete from csrs where id = ? and account_id = ?`, [csrId, caller.accountId])
    const recorded = recordAccountChange(tx, input, { kind: 'csr.deleted', resource: `csr/${csrId}` })
    const [{ changes }] = await Promise.all([deleted, begun, recorded])
    if (changes === 0) throw new Problem('notFoundContent', { what: 'CSR' })
  },
})
