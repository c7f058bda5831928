import { Problem } from '../problem.ts'
import { selectActiveCaller } from '../storage/accounts.ts'
import { endAcmeOrders } from '../storage/end-acme-orders.ts'
import { insertEvent } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'
import type { AcmeAccountChange } from './update-account.tx.ts'

/**
 * Closes an account for good (RFC 8555 section 7.3.6). What is pending ends: open orders are over and due, so that the runner gives their units
 * back at once; challenges are looked at no more. Certificates stay. Refuses with `callerInactive`.
 */
export const deactivateAcmeAccount = defineWrite({
  async run(tx, input: AcmeAccountChange): Promise<void> {
    const { acmeAccountId, now } = input
    const { accountId } = input.caller
    tx.notify('acme')
    tx.notify('due')
    const [caller] = await Promise.all([
      // Before it is closed.
      selectActiveCaller(tx, input.caller, { endsOnly: true }),
      tx.run(
        `update eab_keys set accounts_bound = accounts_bound - 1
          where account_id = ? and id = (select eab_key_id from acme_accounts where id = ? and account_id = ? and status = 'valid')`,
        [accountId, acmeAccountId, accountId],
      ),
      tx.run(`update acme_accounts set status = 'deactivated', updated_at = ? where id = ? and status = 'valid'`, [now, acmeAccountId]),
      ...endAcmeOrders(tx, { accountId, acmeAccountId, now }),
      insertEvent(tx, {
        id: input.eventId,
        accountId,
        at: now,
        kind: 'acmeAccount.deactivated',
        origin: input.origin,
        resource: `acmeaccount/${acmeAccountId}`,
        detail: {},
      }),
    ])
    if (caller.rows.length === 0) throw new Problem('callerInactive')
  },
})
