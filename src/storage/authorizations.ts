import type { AuthorizationMethod } from './schema.ts'
import type { StatementResult, Tx } from './write.ts'

/** One name that an order has to prove, before it is stored. */
export interface NewAuthorization {
  readonly id: number
  readonly identifier: string
  readonly token: string
  /** A proof of before that counts for it: the new one rests on the same evidence. */
  readonly proof?: { readonly id: number; readonly method: AuthorizationMethod; readonly validatedAt: number; readonly expiresAt: number }
}

/** Authorizations of one order. */
export interface NewAuthorizations {
  readonly orderId: number
  readonly accountId: number
  readonly authorizations: readonly NewAuthorization[]
  /** Null: a challenge is chosen later. */
  readonly method: 'DNS' | 'FILE' | null
  readonly now: number
  readonly expiresAt: number
  readonly acmeAccountId?: number | null
}

/** Issues the statements that store what an order has to prove. */
export function insertAuthorizations(tx: Tx, input: NewAuthorizations): Promise<StatementResult>[] {
  return input.authorizations.flatMap(({ id, identifier, token, proof }) => [
    tx.insert('authorizations', {
      id,
      account_id: input.accountId,
      identifier,
      method: proof?.method ?? input.method,
      token,
      created_at: input.now,
      expires_at: proof?.expiresAt ?? input.expiresAt,
      validated_at: proof?.validatedAt ?? null,
      evidence: proof === undefined ? null : JSON.stringify({ provenBy: proof.id }),
      acme_account_id: input.acmeAccountId ?? null,
      state: proof === undefined ? 'pending' : 'valid',
    }),
    joinAuthorization(tx, input.orderId, id),
  ])
}

/**
 * SQL for the wildcard of the name in a column, or the name of the wildcard. The DNS proves both at once; for what a host showed the two
 * never have a proof in common.
 */
export function counterpartOf(column: string): string {
  return `case when ${column} like '*.%' then substr(${column}, 3) else '*.' || ${column} end`
}

/** SQL that holds for an authorization `a` whose proof the ACME account `?` has not given up: neither it nor one that rests on the same proof. */
export const NOT_GIVEN_UP = `not exists (
  select 1 from authorizations as g
   where g.account_id = a.account_id and g.identifier in (a.identifier, ${counterpartOf('a.identifier')}) and g.method = a.method
     and g.acme_account_id = ? and g.state = 'deactivated' and g.validated_at = a.validated_at)`

/** Issues the statement that gives one row while a proof counts for an ACME account: what was read before the write may be old. */
export function selectCountingProof(tx: Tx, proofId: number, acmeAccountId: number): Promise<StatementResult> {
  return tx.run(`select 1 from authorizations as a where a.id = ? and a.state = 'valid' and ${NOT_GIVEN_UP}`, [proofId, acmeAccountId])
}

/** Issues the statement by which an order needs an authorization. */
export function joinAuthorization(tx: Tx, orderId: number, authorizationId: number): Promise<StatementResult> {
  return tx.insert('order_authorizations', { order_id: orderId, authorization_id: authorizationId })
}
