import { Problem } from '../../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../../storage/accounts.ts'
import { insertEvent, type Origin, SERVICE_ORIGIN } from '../../storage/events.ts'
import { type Refund, refundUnit } from '../../storage/refunds.ts'
import { defineWrite } from '../../storage/write.ts'

export interface EndAcmeOrderInput {
  readonly orderId: number
  readonly accountId: number
  readonly rev: number
  readonly eventId: number
  /** Null: it took no units. */
  readonly refund: Refund | null
  /** JSON: {@link import('./views.ts').StoredProblem}. */
  readonly error: string
  /** JSON: {@link import('../order.ts').OrderFailure}. */
  readonly failure: string
  /** Who took the application back, and has to be active still; null: it came to nothing by itself. */
  readonly withdrawnBy: { readonly caller: WritingCaller; readonly origin: Origin } | null
  readonly now: number
}

/**
 * Ends an open order of the ACME door as failed and gives its units back, once; the certificate that it was to replace is free again. Refuses
 * with `moved` or `callerInactive`.
 */
export const endAcmeOrder = defineWrite({
  locks: ({ refund }: EndAcmeOrderInput) => (refund === null ? [] : [{ table: 'plans' as const, id: refund.planId }]),
  async run(tx, input: EndAcmeOrderInput): Promise<void> {
    const { orderId, now, refund, withdrawnBy } = input
    const caller = withdrawnBy === null ? undefined : selectActiveCaller(tx, withdrawnBy.caller)
    const [moved] = await Promise.all([
      tx.run(
        `update orders set state = 'failed', rev = rev + 1, failure = ?, run_at = null, lease_owner = null, lease_until = null, updated_at = ?
         where id = ? and rev = ? and state in ('validating', 'ready')`,
        [input.failure, now, orderId, input.rev],
      ),
      tx.run(`update acme_orders set error = ?, replaces_certificate_id = null where order_id = ?`, [input.error, orderId]),
      ...(refund === null ? [] : refundUnit(tx, refund)),
      insertEvent(tx, {
        id: input.eventId,
        accountId: input.accountId,
        at: now,
        kind: 'order.failed',
        origin: withdrawnBy?.origin ?? SERVICE_ORIGIN,
        resource: `order/${orderId}`,
        detail: { reason: withdrawnBy === null ? 'acmeOrderLost' : 'withdrawn', refunded: refund?.units ?? 0 },
      }),
    ])
    if ((await caller)?.rows.length === 0) throw new Problem('callerInactive')
    if (moved.changes === 0) throw new Problem('moved')
  },
})
