import { joinLine } from '../storage/keyword-lines.ts'
import type { OrderRow } from '../storage/orders.ts'
import { instanceName, resourceNameOf } from './wire-names.ts'

/** The text in which keywords of an order are looked for: its domain names and ids. */
export function orderLine(names: readonly string[], order: Pick<OrderRow, 'id' | 'instance_id' | 'lineage_id'>): string {
  return joinLine([...names, instanceName(order), resourceNameOf(order)])
}
