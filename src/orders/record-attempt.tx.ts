import { Problem } from '../problem.ts'
import { insertEvent, SERVICE_ORIGIN } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'

/** One look at one authorization. */
export interface RecordedLook {
  readonly authorizationId: number
  readonly attemptId: number
  readonly outcome: string
  readonly message: string
  /** JSON. */
  readonly evidence: string
  /** True: the authorization is proven now. */
  readonly proven: boolean
}

/** One attempt of an order: a look at each name that is not proven yet, and what follows from it. */
export interface RecordAttemptInput {
  readonly orderId: number
  readonly accountId: number
  /** The revision that the step started from. */
  readonly rev: number
  readonly eventId: number
  readonly now: number
  readonly looks: readonly RecordedLook[]
  /** The order's next state: `ready` once all is proven, else it stays `validating`. */
  readonly state: 'validating' | 'ready'
  readonly runAt: number
}

/** Stores an attempt with its evidence and moves the order on. Refuses with `moved` if another step was first. */
export const recordAttempt = defineWrite({
  async run(tx, input: RecordAttemptInput): Promise<void> {
    const { orderId, now } = input
    const moved = tx.run(
      `update orders set state = ?, rev = rev + 1, attempts = attempts + 1, last_attempt_at = ?, run_at = ?,
         lease_owner = null, lease_until = null, updated_at = ?
       where id = ? and rev = ? and state = 'validating'`,
      [input.state, now, input.runAt, now, orderId, input.rev],
    )
    const proven = input.looks.filter((look) => look.proven)
    const rest = [
      ...input.looks.map(({ attemptId, authorizationId, outcome, message, evidence }) =>
        tx.insert('validation_attempts', {
          id: attemptId,
          order_id: orderId,
          authorization_id: authorizationId,
          at: now,
          outcome,
          message,
          evidence,
        }),
      ),
      ...proven.map(({ authorizationId, evidence }) =>
        tx.run(`update authorizations set state = 'valid', validated_at = ?, evidence = ? where id = ? and validated_at is null`, [
          now,
          evidence,
          authorizationId,
        ]),
      ),
    ]
    if (proven.length > 0) {
      rest.push(
        insertEvent(tx, {
          id: input.eventId,
          accountId: input.accountId,
          at: now,
          kind: 'order.proven',
          origin: SERVICE_ORIGIN,
          resource: `order/${orderId}`,
          detail: {
            authorizations: proven.map(({ authorizationId }) => authorizationId).join(','),
            attempts: proven.map(({ attemptId }) => attemptId).join(','),
          },
        }),
      )
    }
    tx.notify('due')
    const [move] = await Promise.all([moved, ...rest])
    if (move.changes === 0) throw new Problem('moved')
  },
})
