import type { RequestContext } from '../gateway/caller.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { originOf } from '../storage/events.ts'
import { endAcmeOrder } from './acme/end-acme-order.ts'
import { loadOrder } from './load-order.ts'
import { canMove } from './order.ts'
import { retryMoved } from './retry-moved.ts'

/**
 * Takes an application back: the order waits to be submitted again or deleted, and its unit stays used. One of the ACME door, which nobody can
 * submit, ends, and its units go back.
 *
 * @throws Problem notFoundOrder; orderStateError unless it awaits proof or review
 */
export async function withdrawOrder(services: Pick<Services, 'db' | 'clock'>, context: RequestContext, orderId: number): Promise<void> {
  const { db, clock } = services
  await retryMoved(async () => {
    const order = await loadOrder(services, context.caller.accountId, orderId)
    if (!canMove(order.state, 'withdrawn') || order.state === 'draft') {
      throw new Problem('orderStateError', { rule: 'only an order that awaits proof or review can be withdrawn.' })
    }
    if (order.acme_account_id !== null) {
      const withdrawnBy = { caller: context.caller, origin: originOf(context) }
      return await endAcmeOrder(services, order, { error: { problem: 'acmeOrderLost', params: {} }, withdrawnBy, now: clock() })
    }
    await db.write.withdrawOrder({
      orderId,
      rev: order.rev,
      caller: context.caller,
      origin: originOf(context),
      eventId: await db.nextId('events'),
      now: clock(),
    })
  })
}
