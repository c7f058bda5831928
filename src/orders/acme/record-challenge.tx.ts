import { Problem } from '../../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../../storage/accounts.ts'
import { insertEvent, type Origin, SERVICE_ORIGIN } from '../../storage/events.ts'
import { defineWrite, type StatementResult, type Tx } from '../../storage/write.ts'

/** One look at the chosen challenge of an authorization, and what follows from it. */
export interface RecordChallengeInput {
  readonly authorizationId: number
  /** The one order that waits for it. */
  readonly orderId: number
  readonly accountId: number
  readonly identifier: string
  readonly method: string
  /** Who chose the challenge, whose first look this is; null: it is chosen already. */
  readonly choice: {
    readonly caller: WritingCaller
    readonly acmeAccountId: number
    readonly origin: Origin
    readonly thumbprint: string
  } | null
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
 * sees one sees the other. Refuses with `moved` if another look was first, or with `callerInactive`.
 */
export const recordChallenge = defineWrite({
  async run(tx, input: RecordChallengeInput): Promise<void> {
    const { orderId, now, state, choice } = input
    // What is proven waits for its client; anything else for another look, or for its end.
    if (state !== 'valid') tx.notify('due')
    const caller = choice === null ? undefined : selectActiveCaller(tx, choice.caller)
    const [, moved] = await Promise.all([
      // Two authorizations of one order may be proven at the same moment: whoever comes second sees the first.
      tx.run(`update orders set updated_at = ? where id = ? and state = 'validating'`, [now, orderId]),
      moveAuthorization(tx, input),
      ...(state === 'valid' ? [tx.run(MAKE_READY, [now, orderId])] : []),
      // The order's end is a write of its own; the runner makes sure of it.
      ...(state === 'invalid'
        ? [tx.run(`update orders set run_at = ? where id = ? and state in ('validating', 'ready')`, [now, orderId])]
        : []),
      tx.insert('validation_attempts', {
        id: input.attemptId,
        order_id: null,
        authorization_id: input.authorizationId,
        at: now,
        outcome: input.outcome,
        message: input.message,
        evidence: input.evidence,
      }),
      ...insertLookEvent(tx, input),
    ])
    if ((await caller)?.rows.length === 0) throw new Problem('callerInactive')
    if (moved.changes === 0) throw new Problem('moved')
  },
})

function moveAuthorization(tx: Tx, input: RecordChallengeInput): Promise<StatementResult> {
  const { authorizationId, now, state, choice, attempts } = input
  const validatedAt = state === 'valid' ? now : null
  const looked = [state, attempts + 1, input.runAt, input.error, input.expiresAt, validatedAt, input.evidence]
  return choice === null
    ? tx.run(`update authorizations set ${LOOKED} where id = ? and state = 'processing' and attempts = ?`, [
        ...looked,
        authorizationId,
        attempts,
      ])
    : tx.run(
        `update authorizations set ${LOOKED}, method = ?, thumbprint = ?
          where id = ? and acme_account_id = ? and state = 'pending' and expires_at > ?`,
        [...looked, input.method, choice.thumbprint, authorizationId, choice.acmeAccountId, now],
      )
}

const LOOKED = 'state = ?, attempts = ?, run_at = ?, error = ?, expires_at = ?, validated_at = ?, evidence = ?'

const MAKE_READY = `
  update orders set state = 'ready', rev = rev + 1, updated_at = ? where id = ? and state = 'validating'
     and not exists (
       select 1 from order_authorizations j join authorizations a on a.id = j.authorization_id
        where j.order_id = orders.id and a.state <> 'valid')`

/** The end is on record, and who chose the challenge: by the end itself, if the first look is the last. */
function insertLookEvent(tx: Tx, input: RecordChallengeInput): Promise<StatementResult>[] {
  const { state, choice } = input
  if (choice === null && state === 'processing') return []
  return [
    insertEvent(tx, {
      id: input.eventId,
      accountId: input.accountId,
      at: input.now,
      kind: state === 'valid' ? 'authorization.proven' : state === 'invalid' ? 'authorization.failed' : 'challenge.started',
      origin: choice?.origin ?? SERVICE_ORIGIN,
      resource: `authorization/${input.authorizationId}`,
      detail: { identifier: input.identifier, method: input.method, attempt: input.attemptId, outcome: input.outcome },
    }),
  ]
}

/** Puts a look off. */
export const postponeChallenge = defineWrite({
  async run(tx, input: { authorizationId: number; runAt: number }): Promise<void> {
    await tx.run(`update authorizations set run_at = ? where id = ? and state = 'processing'`, [input.runAt, input.authorizationId])
  },
})
