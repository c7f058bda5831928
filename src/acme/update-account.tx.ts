import { Problem } from '../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../storage/accounts.ts'
import { insertEvent, type Origin } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'

/** What every change of an account by its holder is given. */
export interface AcmeAccountChange {
  readonly acmeAccountId: number
  readonly caller: WritingCaller
  readonly origin: Origin
  readonly eventId: number
  readonly now: number
}

/** Replaces the contacts of an account, JSON. Refuses with `callerInactive`. */
export const updateAcmeAccount = defineWrite({
  async run(tx, input: AcmeAccountChange & { readonly contacts: string; readonly count: number }): Promise<void> {
    tx.notify('acme')
    const [caller] = await Promise.all([
      selectActiveCaller(tx, input.caller, { endsOnly: true }),
      tx.run(`update acme_accounts set contacts = ?, updated_at = ? where id = ? and status = 'valid'`, [
        input.contacts,
        input.now,
        input.acmeAccountId,
      ]),
      insertEvent(tx, {
        id: input.eventId,
        accountId: input.caller.accountId,
        at: input.now,
        kind: 'acmeAccount.updated',
        origin: input.origin,
        resource: `acmeaccount/${input.acmeAccountId}`,
        detail: { contacts: input.count },
      }),
    ])
    if (caller.rows.length === 0) throw new Problem('callerInactive')
  },
})
