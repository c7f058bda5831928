import { Problem } from '../problem.ts'
import { selectActiveCaller } from '../storage/accounts.ts'
import { selectRetiredKey } from '../storage/acme-accounts.ts'
import { insertEvent } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'
import type { AcmeAccountChange } from './update-account.tx.ts'

export interface ChangeAcmeKeyInput extends AcmeAccountChange {
  /** Of two changes at a time the one that still finds this key wins. */
  readonly oldThumbprint: string
  readonly thumbprint: string
  readonly jwk: string
}

/**
 * Gives an account another key for good (RFC 8555 section 7.3.5): the old one is nobody's from then on. Refuses with `acmeKeyTaken`,
 * `acmeUnauthorized` or `callerInactive`.
 */
export const changeAcmeKey = defineWrite({
  async run(tx, input: ChangeAcmeKeyInput): Promise<void> {
    const { acmeAccountId, now } = input
    tx.notify('acme')
    const [caller, changed, retired] = await Promise.all([
      selectActiveCaller(tx, input.caller, { endsOnly: true }),
      tx.run(`update acme_accounts set thumbprint = ?, jwk = ?, updated_at = ? where id = ? and thumbprint = ? and status = 'valid'`, [
        input.thumbprint,
        input.jwk,
        now,
        acmeAccountId,
        input.oldThumbprint,
      ]),
      selectRetiredKey(tx, input.thumbprint),
      // Of two changes at a time the second one finds the key retired, and is refused for what it did not change.
      tx.run(
        `insert into acme_retired_keys (thumbprint, acme_account_id, retired_at) values (?, ?, ?) on conflict (thumbprint) do nothing`,
        [input.oldThumbprint, acmeAccountId, now],
      ),
      insertEvent(tx, {
        id: input.eventId,
        accountId: input.caller.accountId,
        at: now,
        kind: 'acmeAccount.keyChanged',
        origin: input.origin,
        resource: `acmeaccount/${acmeAccountId}`,
        detail: { from: input.oldThumbprint, to: input.thumbprint },
      }),
    ])
    if (caller.rows.length === 0) throw new Problem('callerInactive')
    if (changed.changes === 0) throw new Problem('acmeUnauthorized', { rule: 'The key that signed is no longer that of the account.' })
    if (retired.rows.length > 0) throw new Problem('acmeKeyTaken')
  },
})
