import { Problem } from '../problem.ts'
import { type AccountChange, beginAccountChange, recordAccountChange } from '../storage/account-change.ts'
import { defineWrite } from '../storage/write.ts'

export interface CreateContactInput extends AccountChange {
  readonly contactId: number
  readonly name: string
  readonly mobile: string
  readonly email: string
  /** JSON. */
  readonly webhooks: string
  readonly idCardSealed: Uint8Array | null
  /** Contacts that an account may have. */
  readonly most: number
}

/** Stores a contact. Refuses with `limitExceeded` or `callerInactive`. */
export const createContact = defineWrite({
  async run(tx, input: CreateContactInput): Promise<void> {
    const { contactId, now } = input
    const { accountId } = input.caller
    const begun = beginAccountChange(tx, input)
    const stored = tx.insert('contacts', {
      id: contactId,
      account_id: accountId,
      name: input.name,
      mobile: input.mobile,
      email: input.email,
      id_card_sealed: input.idCardSealed,
      webhooks: input.webhooks,
      created_at: now,
      updated_at: now,
    })
    const counted = tx.run(`select count(*) as count from contacts where account_id = ?`, [accountId])
    const recorded = recordAccountChange(tx, input, { kind: 'contact.created', resource: `contact/${contactId}` })
    const [{ rows }] = await Promise.all([counted, begun, stored, recorded])
    if (Number(rows[0]?.['count']) > input.most) throw new Problem('limitExceeded', { P: 'Contact', limit: `${input.most} contacts` })
  },
})
