import type { StatementResult, Tx } from './write.ts'

/**
 * Issues the statements that end what an ACME account has open: its challenges are looked at no more, its orders are over and due, so that the
 * runner gives their units back at once, and none is issued that is being signed. Proofs that were given stay. The write notifies `due`.
 */
export function endAcmeOrders(
  tx: Tx,
  { accountId, acmeAccountId, now }: { readonly accountId: number; readonly acmeAccountId: number; readonly now: number },
): Promise<StatementResult>[] {
  return [
    tx.run(
      `update authorizations set state = 'deactivated', run_at = null
        where acme_account_id = ? and account_id = ? and state in ('pending', 'processing') and id in (
          select x.authorization_id from order_authorizations x join orders o on o.id = x.order_id
           where o.account_id = ? and o.acme_account_id = ? and o.state in ('validating', 'ready'))`,
      [acmeAccountId, accountId, accountId, acmeAccountId],
    ),
    tx.run(
      `update orders set rev = rev + 1, validation_ends_at = ?, run_at = ?
        where account_id = ? and acme_account_id = ? and state in ('validating', 'ready')`,
      [now, now, accountId, acmeAccountId],
    ),
  ]
}
