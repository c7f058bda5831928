import type { RequestContext } from '../gateway/caller.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { originOf } from '../storage/events.ts'
import { drawAuthorizations } from './draw-authorizations.ts'
import { loadOrder } from './load-order.ts'
import { assertMoves, backOff, VALIDATION_LIFETIME_MS } from './order.ts'
import { namesOf } from './order-names.ts'
import { retryMoved } from './retry-moved.ts'
import type { ReuseServices } from './reusable-proofs.ts'

/**
 * Submits an order that waits for it: a renewal, or one that was withdrawn. Proof of control begins anew.
 *
 * @throws Problem notFoundOrder; orderStateError in any other state
 */
export async function submitOrder(
  services: ReuseServices & Pick<Services, 'clock' | 'random' | 'randomBytes'>,
  context: RequestContext,
  orderId: number,
): Promise<void> {
  const { db, clock, random } = services
  await retryMoved(async () => {
    const order = await loadOrder(services, context.caller.accountId, orderId)
    if (order.acme_account_id !== null)
      throw new Problem('orderStateError', { rule: 'an order of the ACME door is placed anew by its client.' })
    if (order.state !== 'draft' && order.state !== 'withdrawn') {
      throw new Problem('orderStateError', { rule: 'only a renewal that waits for it, or an order that was withdrawn, can be submitted.' })
    }
    if (order.state === 'withdrawn') assertMoves(order.state, 'draft', 'validating')
    else assertMoves(order.state, 'validating')
    const now = clock()
    await db.write.submitOrder({
      orderId,
      rev: order.rev,
      caller: context.caller,
      origin: originOf(context),
      eventId: await db.nextId('events'),
      authorizations: await drawAuthorizations(services, namesOf(order), now),
      method: order.method,
      now,
      runAt: now + backOff(0, random()),
      validationEndsAt: now + VALIDATION_LIFETIME_MS,
    })
  })
}
