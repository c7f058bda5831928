import { Problem } from '../../problem.ts'
import { endAcmeOrders } from '../../storage/end-acme-orders.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'

/**
 * Shuts an ACME account for good from the server's side (RFC 8555 section 7.1.6): what it has open ends and its units go back, and its place at its
 * external account key is free again. Refuses with `entityNotExist`, `acmeAccountEnded` or `callerInactive`.
 */
export const revokeAcmeAccount = defineWrite({
  async run(tx, input: RamChange & { readonly acmeAccountId: number }): Promise<void> {
    const { acmeAccountId, now } = input
    const { accountId } = input.caller
    tx.notify('acme')
    tx.notify('due')
    const [, before, , revoked] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(`select status from acme_accounts where id = ? and account_id = ?`, [acmeAccountId, accountId]),
      // While the account is still valid: it gives its place back once.
      tx.run(
        `update eab_keys set accounts_bound = accounts_bound - 1
          where account_id = ? and id = (select eab_key_id from acme_accounts where id = ? and account_id = ? and status = 'valid')`,
        [accountId, acmeAccountId, accountId],
      ),
      tx.run(`update acme_accounts set status = 'revoked', updated_at = ? where id = ? and account_id = ? and status = 'valid'`, [
        now,
        acmeAccountId,
        accountId,
      ]),
      ...endAcmeOrders(tx, { accountId, acmeAccountId, now }),
      recordRamChange(tx, input, { kind: 'acmeAccount.updated', resource: `acmeaccount/${acmeAccountId}`, detail: { status: 'revoked' } }),
    ])
    const [row] = before.rows
    if (row === undefined) throw new Problem('entityNotExist', { P: 'AcmeAccount', what: 'ACME account' })
    if (revoked.changes === 0) throw new Problem('acmeAccountEnded', { status: String(row['status']) })
  },
})
