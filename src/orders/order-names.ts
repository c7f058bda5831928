import type { OrderRow } from '../storage/orders.ts'

/** All names of an order, A-labels or wildcards; the first one becomes the CN. */
export function namesOf(order: Pick<OrderRow, 'domain' | 'names'>): readonly string[] {
  // Stored by the service itself.
  return order.names === null ? [order.domain] : (JSON.parse(order.names) as string[])
}
