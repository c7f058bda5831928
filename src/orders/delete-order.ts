import type { RequestContext } from '../gateway/caller.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { originOf } from '../storage/events.ts'
import { loadOrder } from './load-order.ts'
import { canMove } from './order.ts'
import { prepareRefund } from './prepare-refund.ts'
import { retryMoved } from './retry-moved.ts'

/**
 * Deletes an order that failed, was withdrawn or never submitted, and gives its unit back, once.
 *
 * @throws Problem notFoundOrder, also if it is deleted already; orderStateError in any other state
 */
export async function deleteOrder(services: Pick<Services, 'db' | 'clock'>, context: RequestContext, orderId: number): Promise<void> {
  const { db, clock } = services
  await retryMoved(async () => {
    const order = await loadOrder(services, context.caller.accountId, orderId)
    if (!canMove(order.state, 'deleted')) {
      throw new Problem('orderStateError', { rule: 'only an order that failed, was withdrawn or not submitted can be deleted.' })
    }
    const now = clock()
    await db.write.deleteOrder({
      orderId,
      rev: order.rev,
      caller: context.caller,
      origin: originOf(context),
      eventId: await db.nextId('events'),
      // An order of the ACME door gave its units back as it ended.
      refund: order.acme_account_id === null ? await prepareRefund(services, order, { now, afterIssue: false }) : null,
      now,
    })
  })
}
