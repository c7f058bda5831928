import { Problem } from '../problem.ts'
import { insertEvent, SERVICE_PRINCIPAL } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'

/** One look at one authorization of an order, and what follows from it. */
export interface RecordAttemptInput {
  readonly orderId: number
  readonly accountId: number
  /** The revision that the step started from. */
  readonly rev: number
  readonly authorizationId: number
  readonly attemptId: number
  readonly eventId: number
  readonly now: number
  readonly outcome: string
  readonly message: string
  /** JSON. */
  readonly evidence: string
  /** True: the authorization is proven now. */
  readonly proven: boolean
  /** The order's next state: `ready` once all is proven, else it stays `validating`. */
  readonly state: 'validating' | 'ready'
  readonly runAt: number
}

/** Stores an attempt with its evidence and moves the order on. Refuses with `moved` if another step was first. */
export const recordAttempt = defineWrite({
  async run(tx, input: RecordAttemptInput): Promise<void> {
    const moved = tx.run(
      `update orders set state = ?, rev = rev + 1, attempts = attempts + 1, last_attempt_at = ?, run_at = ?,
         lease_owner = null, lease_until = null, updated_at = ?
       where id = ? and rev = ? and state = 'validating'`,
      [input.state, input.now, input.runAt, input.now, input.orderId, input.rev],
    )
    const rest = [
      tx.insert('validation_attempts', {
        id: input.attemptId,
        order_id: input.orderId,
        authorization_id: input.authorizationId,
        at: input.now,
        outcome: input.outcome,
        message: input.message,
        evidence: input.evidence,
      }),
    ]
    if (input.proven) {
      rest.push(
        tx.run(`update authorizations set validated_at = ?, evidence = ? where id = ? and validated_at is null`, [
          input.now,
          input.evidence,
          input.authorizationId,
        ]),
        insertEvent(tx, {
          id: input.eventId,
          accountId: input.accountId,
          at: input.now,
          kind: 'order.proven',
          principal: SERVICE_PRINCIPAL,
          sourceIp: null,
          requestId: null,
          resource: `order/${input.orderId}`,
          detail: { authorizationId: input.authorizationId, attemptId: input.attemptId },
        }),
      )
    }
    tx.notify('due')
    const [move] = await Promise.all([moved, ...rest])
    if (move.changes === 0) throw new Problem('moved')
  },
})
