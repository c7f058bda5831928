import type { Services } from '../../services.ts'
import type { OrderRow } from '../../storage/orders.ts'
import type { OrderFailure } from '../order.ts'
import { prepareRefund } from '../prepare-refund.ts'
import type { EndAcmeOrderInput } from './end-acme-order.tx.ts'
import type { StoredProblem } from './views.ts'

/**
 * Ends an open order of the ACME door and gives its units back.
 *
 * @param error why, as its client sees it
 * @throws Problem moved, callerInactive
 */
export async function endAcmeOrder(
  { db }: Pick<Services, 'db'>,
  order: OrderRow,
  {
    error,
    withdrawnBy,
    now,
  }: { readonly error: StoredProblem; readonly withdrawnBy: EndAcmeOrderInput['withdrawnBy']; readonly now: number },
): Promise<void> {
  await db.write.endAcmeOrder({
    orderId: order.id,
    accountId: order.account_id,
    rev: order.rev,
    eventId: await db.nextId('events'),
    refund: await prepareRefund({ db }, order, { now, afterIssue: false }),
    error: JSON.stringify(error),
    failure: JSON.stringify({
      reason: 'acmeOrderLost',
      message:
        withdrawnBy === null ? 'The order of the ACME door ended before a certificate was issued.' : 'The application was taken back.',
    } satisfies OrderFailure),
    withdrawnBy,
    now,
  })
}
