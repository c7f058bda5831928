import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import {
  type AcmeOrderRow,
  type AuthorizationRow,
  findAcmeOrder,
  findAuthorization,
  listAcmeOrderIds,
  type OrderAuthorizationRow,
} from '../../storage/acme-orders.ts'
import { listAuthorizations } from '../../storage/orders.ts'
import type { AcmeCaller } from './acme-caller.ts'
import { type AcmeOrderView, type AuthorizationView, viewAuthorization, viewOrder } from './views.ts'

type ShowServices = Pick<Services, 'db' | 'clock'>

/** An order with its authorizations. @throws Problem notFoundOrder, also for another ACME account's */
export async function loadAcmeOrder(
  { db }: Pick<Services, 'db'>,
  { acmeAccountId }: AcmeCaller,
  orderId: number,
): Promise<{ order: AcmeOrderRow; authorizations: readonly AuthorizationRow[] }> {
  const [order, authorizations] = await Promise.all([findAcmeOrder(db.read, acmeAccountId, orderId), listAuthorizations(db.read, orderId)])
  if (order === undefined) throw new Problem('notFoundOrder')
  return { order, authorizations }
}

/** @throws Problem notFoundOrder */
export async function showAcmeOrder(services: ShowServices, caller: AcmeCaller, orderId: number): Promise<AcmeOrderView> {
  const { order, authorizations } = await loadAcmeOrder(services, caller, orderId)
  return viewOrder(order, authorizations, services.clock())
}

/** A page of the account's orders, newest first; those that came to nothing are left out (RFC 8555 section 7.1.2.1). */
export async function listAcmeOrders(
  { db }: Pick<Services, 'db'>,
  { acmeAccountId }: AcmeCaller,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number },
): Promise<{ readonly orderIds: readonly number[]; readonly next: number | undefined }> {
  const ids = await listAcmeOrderIds(db.read, acmeAccountId, { before, limit: limit + 1 })
  const orderIds = ids.slice(0, limit)
  return { orderIds, next: ids.length > limit ? orderIds.at(-1) : undefined }
}

/** @throws Problem notFoundAuthorization, also for another ACME account's */
export async function loadAuthorization(
  { db }: Pick<Services, 'db'>,
  { acmeAccountId }: AcmeCaller,
  authorizationId: number,
): Promise<OrderAuthorizationRow> {
  const row = await findAuthorization(db.read, acmeAccountId, authorizationId)
  if (row === undefined) throw new Problem('notFoundAuthorization')
  return row
}

/** @throws Problem notFoundAuthorization */
export async function showAuthorization(services: ShowServices, caller: AcmeCaller, authorizationId: number): Promise<AuthorizationView> {
  return viewAuthorization(await loadAuthorization(services, caller, authorizationId), services.clock())
}
