import { Problem } from '../problem.ts'
import { type AccountChange, beginAccountChange, recordAccountChange } from '../storage/account-change.ts'
import { defineWrite } from '../storage/write.ts'

/** Deletes a company profile. Refuses with `notFoundContent` or `callerInactive`. */
export const deleteCompany = defineWrite({
  async run(tx, input: AccountChange & { readonly companyId: number }): Promise<void> {
    const { companyId, caller } = input
    const begun = beginAccountChange(tx, input)
    const deleted = tx.run(`delete from companies where id = ? and account_id = ?`, [companyId, caller.accountId])
    const recorded = recordAccountChange(tx, input, { kind: 'company.deleted', resource: `company/${companyId}` })
    const [{ changes }] = await Promise.all([deleted, begun, recorded])
    if (changes === 0) throw new Problem('notFoundContent', { what: 'company' })
  },
})
