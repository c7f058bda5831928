import { Problem } from '../../problem.ts'
import { insertEvent, SERVICE_ORIGIN } from '../../storage/events.ts'
import { defineWrite } from '../../storage/write.ts'

/** One look at the chosen challenge of an authorization, and what follows from it. */
export interface RecordChallengeInput {
  readonly authorizationId: number
  readonly accountId: number
  readonly identifier: string
  readonly method: string
  /** Looks before this one: the revision that it started from. */
  readonly attempts: number
  readonly attemptId: number
  readonly eventId: number
  readonly now: number
  readonly state: 'valid' | 'processing' | 'invalid'
  readonly outcome: string
  readonly message: string
  /** JSON. */
  readonly evidence: string
  /** JSON: {@link import('./views.ts').StoredProblem}. */
  readonly error: string | null
  readonly runAt: number | null
  readonly expiresAt: number
}

/**
 * Stores a look with its evidence. With the last authorization that an order waits for the order is ready, in the same commit: a client that
 * sees one sees the other. Refuses with `moved` if another look was first.
 */
export const recordChallenge = defineWrite({
  async run(tx, input: RecordChallengeInput): Promise<void> {
    const { authorizationId, now, state } = input
    const isFinal = state !== 'processing'
    // What is proven waits for its client; anything else for another look, or for its end.
    if (state !== 'valid') tx.notify('due')
    const [, moved] = await Promise.all([
      // Two authorizations of one order may be proven at the same moment: whoever comes second sees the first.
      tx.run(
        `update orders set updated_at = ? where state = 'validating'
           and id in (select order_id from order_authorizations where authorization_id = ?)`,
        [now, authorizationId],
      ),
      tx.run(
        `update authorizations set state = ?, attempts = attempts + 1, run_at = ?, error = ?, expires_at = ?,
           validated_at = case when ? = 'valid' then ? else validated_at end, evidence = ?
         where id = ? and state = 'processing' and attempts = ?`,
        [state, input.runAt, input.error, input.expiresAt, state, now, input.evidence, authorizationId, input.attempts],
      ),
      ...(state === 'valid'
        ? [
            tx.run(
              `update orders set state = 'ready', rev = rev + 1, updated_at = ? where state = 'validating'
                 and id in (select order_id from order_authorizations where authorization_id = ?)
                 and not exists (
                   select 1 from order_authorizations j join authorizations a on a.id = j.authorization_id
                    where j.order_id = orders.id and a.state <> 'valid')`,
              [now, authorizationId],
            ),
          ]
        : []),
      // The order's end is a write of its own; the runner makes sure of it.
      ...(state === 'invalid'
        ? [
            tx.run(
              `update orders set run_at = ? where state in ('validating', 'ready')
                 and id in (select order_id from order_authorizations where authorization_id = ?)`,
              [now, authorizationId],
            ),
          ]
        : []),
      tx.insert('validation_attempts', {
        id: input.attemptId,
        order_id: null,
        authorization_id: authorizationId,
        at: now,
        outcome: input.outcome,
        message: input.message,
        evidence: input.evidence,
      }),
      ...(isFinal
        ? [
            insertEvent(tx, {
              id: input.eventId,
              accountId: input.accountId,
              at: now,
              kind: state === 'valid' ? 'authorization.proven' : 'authorization.failed',
              origin: SERVICE_ORIGIN,
              resource: `authorization/${authorizationId}`,
              detail: { identifier: input.identifier, method: input.method, attempt: input.attemptId, outcome: input.outcome },
            }),
          ]
        : []),
    ])
    if (moved.changes === 0) throw new Problem('moved')
  },
})

/** Puts a look off. */
export const postponeChallenge = defineWrite({
  async run(tx, input: { authorizationId: number; runAt: number }): Promise<void> {
    await tx.run(`update authorizations set run_at = ? where id = ? and state = 'processing'`, [input.runAt, input.authorizationId])
  },
})
