import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { listAuthorizations, type OrderRow } from '../storage/orders.ts'
import type { ProofAttempt } from '../validation/proof.ts'
import { assertMoves, backOff, validationOver } from './order.ts'
import type { RecordedLook } from './record-attempt.tx.ts'

/** A look takes no longer, ms: less than any step may take, so that it is always on record and counted. */
const LOOK_TIMEOUT_MS = 25_000

type ValidateServices = Pick<Services, 'db' | 'clock' | 'random' | 'domainControl'>

/**
 * One look at each name that the order still has to prove. Evidence is kept, whatever a look showed.
 *
 * @returns true if the order moved on and its next step can follow at once
 */
export async function validateOrder(
  services: ValidateServices,
  order: OrderRow,
  signal: AbortSignal,
  lookTimeoutMs = LOOK_TIMEOUT_MS,
): Promise<boolean> {
  const { db, clock } = services
  const failure = validationOver({ attempts: order.attempts, validationEndsAt: order.validation_ends_at }, clock())
  if (failure !== undefined) {
    await db.write.failOrder({
      orderId: order.id,
      accountId: order.account_id,
      rev: order.rev,
      eventId: await db.nextId('events'),
      now: clock(),
      reason: failure.reason,
      failure: JSON.stringify(failure),
    })
    return false
  }
  const authorizations = await listAuthorizations(db.read, order.id)
  const open = authorizations.flatMap(({ id, identifier, token, method, validated_at }) =>
    validated_at === null && (method === 'DNS' || method === 'FILE') ? [{ id, identifier, token, method }] : [],
  )
  if (open.length === 0) throw new Problem('moved')
  // All names at once: spacing and the cap on attempts count the order's rounds.
  const attempts = await Promise.all(open.map((authorization) => look(services, order, authorization, { signal, lookTimeoutMs })))
  const now = clock()
  const allProven = attempts.every(({ proven }) => proven)
  if (allProven) assertMoves(order.state, 'ready')
  const looks: RecordedLook[] = []
  for (const [index, attempt] of attempts.entries()) {
    looks.push({
      authorizationId: open[index]?.id ?? 0,
      attemptId: await db.nextId('validation_attempts'),
      outcome: attempt.proven ? 'proven' : (attempt.failure ?? 'unknown'),
      message: attempt.message,
      evidence: JSON.stringify(attempt.evidence),
      proven: attempt.proven,
    })
  }
  await db.write.recordAttempt({
    orderId: order.id,
    accountId: order.account_id,
    rev: order.rev,
    eventId: await db.nextId('events'),
    now,
    looks,
    state: allProven ? 'ready' : 'validating',
    runAt: allProven ? now : now + backOff(order.attempts + 1, services.random()),
  })
  return allProven
}

/** A look that takes too long is an attempt like any other: spacing and the cap on attempts hold for it too. */
async function look(
  { domainControl }: ValidateServices,
  order: OrderRow,
  authorization: { method: 'DNS' | 'FILE'; identifier: string; token: string },
  { signal, lookTimeoutMs }: { signal: AbortSignal; lookTimeoutMs: number },
): Promise<ProofAttempt> {
  const { method, identifier, token } = authorization
  const deadline = AbortSignal.timeout(lookTimeoutMs)
  try {
    return await domainControl.check({ method, identifier, token, accountId: order.account_id }, AbortSignal.any([signal, deadline]))
  } catch (error) {
    // The process stops: nothing was seen, and the order stays due.
    if (signal.aborted || !deadline.aborted) throw error
    return {
      proven: false,
      failure: 'timeout',
      message: 'The look at the proof was given up because it took too long.',
      evidence: { method, queries: [] },
    }
  }
}
