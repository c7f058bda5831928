import { insertLedgerEntry } from './ledger.ts'
import type { StatementResult, Tx } from './write.ts'

/** Units that go back to the plan that an order took it from. */
export interface Refund {
  readonly planId: number
  readonly accountId: number
  readonly orderId: number
  /** As many as the order took. */
  readonly units: number
  /** The external account key that they count for again; null: none. */
  readonly eabKeyId: string | null
  readonly refundEntryId: number
  readonly expireEntryId: number
  readonly now: number
  /** The plan has ended: the unit goes back and expires at once. */
  readonly planEnded: boolean
  /** The certificate was issued: while the plan lasts such refunds are counted, and never more than were bought. */
  readonly afterIssue: boolean
}

/**
 * Issues the statements of a refund; lock the plan first. The first result has 0 changes if no refund after issue is left. That an order is
 * refunded once is the ledger's unique key, which answers `moved`.
 */
export function refundUnit(tx: Tx, refund: Refund): Promise<StatementResult>[] {
  const { planId, accountId, orderId, units, now, planEnded, eabKeyId } = refund
  // What goes back to a plan that has ended is of no use to anybody; the end also lowers the total that the cap looks at.
  const counted = refund.afterIssue && !planEnded ? units : 0
  const line = { planId, accountId, orderId, units, at: now }
  // First: of two refunds of one order the later one meets this key, not the limits of the plan.
  const lines = [
    insertLedgerEntry(tx, { ...line, id: refund.refundEntryId, kind: 'refund' }),
    ...(planEnded ? [insertLedgerEntry(tx, { ...line, id: refund.expireEntryId, kind: 'expire' })] : []),
    ...(eabKeyId === null
      ? []
      : [tx.run(`update eab_keys set units_used = units_used - ? where id = ? and account_id = ?`, [units, eabKeyId, accountId])]),
  ]
  const plan = tx.run(
    `update plans set used = used - ?, total = total - ?, revocation_refunds = revocation_refunds + ?
     where id = ? and account_id = ?${counted === 0 ? '' : ' and revocation_refunds + ? <= total'}`,
    [units, planEnded ? units : 0, counted, planId, accountId, ...(counted === 0 ? [] : [counted])],
  )
  return [plan, ...lines]
}
