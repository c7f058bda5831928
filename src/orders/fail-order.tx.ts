import { Problem } from '../problem.ts'
import { insertEvent, SERVICE_ORIGIN } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'

export interface FailOrderInput {
  readonly orderId: number
  readonly accountId: number
  readonly rev: number
  readonly eventId: number
  readonly now: number
  readonly reason: string
  /** JSON: {@link import('./order.ts').OrderFailure}. */
  readonly failure: string
}

/** Ends an order that cannot be validated any more; its unit stays reserved until it is deleted. Refuses with `moved`. */
export const failOrder = defineWrite({
  async run(tx, input: FailOrderInput): Promise<void> {
    const [move] = await Promise.all([
      tx.run(
        `update orders set state = 'failed', rev = rev + 1, failure = ?, run_at = null, lease_owner = null, lease_until = null, updated_at = ?
         where id = ? and rev = ? and state = 'validating'`,
        [input.failure, input.now, input.orderId, input.rev],
      ),
      insertEvent(tx, {
        id: input.eventId,
        accountId: input.accountId,
        at: input.now,
        kind: 'order.failed',
        origin: SERVICE_ORIGIN,
        resource: `order/${input.orderId}`,
        detail: { reason: input.reason },
      }),
    ])
    if (move.changes === 0) throw new Problem('moved')
  },
})
