import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { findOrder, type OrderRow } from '../storage/orders.ts'

/**
 * An order of the account.
 *
 * @throws Problem notFoundOrder, also for another account's order and for one that was deleted
 */
export async function loadOrder({ db }: Pick<Services, 'db'>, accountId: number, orderId: number): Promise<OrderRow> {
  const order = await findOrder(db.read, accountId, orderId)
  if (order === undefined || order.state === 'deleted') throw new Problem('notFoundOrder')
  return order
}
