import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { listChain, type ListedOrder } from '../storage/list-orders.ts'
import { findCertificateOrder } from '../storage/orders.ts'
import { loadOrder } from './load-order.ts'

/** An order, or the certificate of one. */
export type ChainReference = { readonly orderId: number } | { readonly certificateId: number }

/**
 * All orders that renew each other, the latest first.
 *
 * @throws Problem notFoundOrder, notFoundCertificate (also for an uploaded one, which has no order)
 */
export async function listRenewals(services: Pick<Services, 'db'>, accountId: number, reference: ChainReference): Promise<ListedOrder[]> {
  const orderId =
    'orderId' in reference ? reference.orderId : await findCertificateOrder(services.db.read, accountId, reference.certificateId)
  if (orderId === undefined) throw new Problem('notFoundCertificate')
  const order = await loadOrder(services, accountId, orderId)
  return await listChain(services.db.read, accountId, order.lineage_id ?? order.id)
}
