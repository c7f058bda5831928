import { Problem } from '../problem.ts'
import { type AccountChange, beginAccountChange, recordAccountChange } from '../storage/account-change.ts'
import { defineWrite } from '../storage/write.ts'

/** Deletes a contact. Refuses with `notFoundContent` or `callerInactive`. */
export const deleteContact = defineWrite({
  async run(tx, input: AccountChange & { readonly contactId: number }): Promise<void> {
    const { contactId, caller } = input
    const begun = beginAccountChange(tx, input)
    const deleted = tx.run(`delete from contacts where id = ? and account_id = ?`, [contactId, caller.accountId])
    const recorded = recordAccountChange(tx, input, { kind: 'contact.deleted', resource: `contact/${contactId}` })
    const [{ changes }] = await Promise.all([deleted, begun, recorded])
    if (changes === 0) throw new Problem('notFoundContent', { what: 'contact' })
  },
})
