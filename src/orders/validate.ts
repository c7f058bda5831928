import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { listAuthorizations, type OrderRow } from '../storage/orders.ts'
import { assertMoves, backOff, validationOver } from './order.ts'

type ValidateServices = Pick<Services, 'db' | 'clock' | 'random' | 'domainControl'>

/**
 * One look at what the order still has to prove. Evidence of the look is kept, whatever it showed.
 *
 * @returns true if the order moved on and its next step can follow at once
 */
export async function validateOrder(services: ValidateServices, order: OrderRow, signal: AbortSignal): Promise<boolean> {
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
  const open = authorizations.filter(({ validated_at }) => validated_at === null)
  const [authorization] = open
  if (authorization === undefined) throw new Problem('moved')
  const attempt = await services.domainControl.check(
    { method: authorization.method, identifier: authorization.identifier, token: authorization.token, accountId: order.account_id },
    signal,
  )
  const now = clock()
  if (attempt.proven) assertMoves(order.state, 'ready')
  const allProven = attempt.proven && open.length === 1
  await db.write.recordAttempt({
    orderId: order.id,
    accountId: order.account_id,
    rev: order.rev,
    authorizationId: authorization.id,
    attemptId: await db.nextId('validation_attempts'),
    eventId: await db.nextId('events'),
    now,
    outcome: attempt.proven ? 'proven' : (attempt.failure ?? 'unknown'),
    message: attempt.message,
    evidence: JSON.stringify(attempt.evidence),
    proven: attempt.proven,
    state: allProven ? 'ready' : 'validating',
    runAt: attempt.proven ? now : now + backOff(order.attempts + 1, services.random()),
  })
  return attempt.proven
}
