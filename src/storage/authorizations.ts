import type { StatementResult, Tx } from './write.ts'

/** Authorizations of one order, before anything is proven. */
export interface NewAuthorizations {
  readonly orderId: number
  readonly accountId: number
  readonly authorizations: readonly { readonly id: number; readonly identifier: string; readonly token: string }[]
  readonly method: 'DNS' | 'FILE'
  readonly now: number
  readonly expiresAt: number
}

/** Issues the statements that store what an order has to prove. */
export function insertAuthorizations(tx: Tx, input: NewAuthorizations): Promise<StatementResult>[] {
  return input.authorizations.flatMap(({ id, identifier, token }) => [
    tx.insert('authorizations', {
      id,
      account_id: input.accountId,
      identifier,
      method: input.method,
      token,
      created_at: input.now,
      expires_at: input.expiresAt,
      validated_at: null,
      evidence: null,
    }),
    tx.insert('order_authorizations', { order_id: input.orderId, authorization_id: id }),
  ])
}
