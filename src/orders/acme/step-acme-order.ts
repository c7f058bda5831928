import type { Services } from '../../services.ts'
import { findAcmeOrder } from '../../storage/acme-orders.ts'
import { listAuthorizations, type OrderRow } from '../../storage/orders.ts'
import { endAcmeOrder } from './end-acme-order.ts'
import { isLost, viewOrder } from './views.ts'

/**
 * What happens to an open order of the ACME door without its client: it ends when it can no longer come to anything, and its units go back.
 * Until then it stays away from the runner.
 */
export async function stepAcmeOrder(services: Pick<Services, 'db' | 'clock'>, order: OrderRow): Promise<void> {
  const { db, clock } = services
  const now = clock()
  const [row, authorizations] = await Promise.all([
    findAcmeOrder(db.read, order.acme_account_id ?? 0, order.id),
    listAuthorizations(db.read, order.id),
  ])
  if (row === undefined) throw new Error(`the order ${order.id} of the ACME door has no row there`)
  if (!isLost(row, authorizations, now)) {
    if (order.run_at !== null && order.run_at <= now) {
      const ends = Math.min(order.validation_ends_at, ...authorizations.map(({ expires_at }) => expires_at))
      await db.write.postponeOrder({ orderId: order.id, rev: order.rev, runAt: ends })
    }
    return
  }
  const error = viewOrder(row, authorizations, now).error ?? { problem: 'acmeOrderLost', params: {} }
  await endAcmeOrder(services, order, { error, withdrawnBy: null, now })
}
