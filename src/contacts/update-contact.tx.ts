import { Problem } from '../problem.ts'
import { type AccountChange, beginAccountChange, recordAccountChange } from '../storage/account-change.ts'
import { defineWrite } from '../storage/write.ts'

/** Null: stays as it is. */
export interface UpdateContactInput extends AccountChange {
  readonly contactId: number
  readonly name: string | null
  readonly mobile: string | null
  readonly email: string | null
  /** JSON. */
  readonly webhooks: string | null
  readonly idCard: { readonly sealed: Uint8Array | null } | null
}

/** Changes a contact. Refuses with `notFoundContent` or `callerInactive`. */
export const updateContact = defineWrite({
  async run(tx, input: UpdateContactInput): Promise<void> {
    const { contactId, name, mobile, email, webhooks, idCard } = input
    const begun = beginAccountChange(tx, input)
    const changed = tx.run(
      `update contacts set name = coalesce(?, name), mobile = coalesce(?, mobile), email = coalesce(?, email),
         webhooks = coalesce(?, webhooks), id_card_sealed = case when ? = 1 then ? else id_card_sealed end, updated_at = ?
       where id = ? and account_id = ?`,
      [name, mobile, email, webhooks, idCard === null ? 0 : 1, idCard?.sealed ?? null, input.now, contactId, input.caller.accountId],
    )
    const given = Object.entries({ name, mobile, email, webhooks, idCard }).filter(([, value]) => value !== null)
    const recorded = recordAccountChange(tx, input, {
      kind: 'contact.updated',
      resource: `contact/${contactId}`,
      // Which fields, not what they hold: the trail is kept longer than a person may want to stay in it.
      detail: { fields: given.map(([field]) => field).join(',') },
    })
    const [{ changes }] = await Promise.all([changed, begun, recorded])
    if (changes === 0) throw new Problem('notFoundContent', { what: 'contact' })
  },
})
