import type { EndBounds, OrderFilter } from '../storage/list-orders.ts'
import type { OrderRow } from '../storage/orders.ts'
import type { OrderState } from '../storage/schema.ts'
import { ABOUT_TO_EXPIRE_MS } from './order.ts'

/** `Status` of orders on the wire. The original's `NOTACTIVATED` is none: orders and purchases count from the moment they are made. */
export const orderStatuses = ['PAYED', 'CHECKING', 'CHECKED_FAIL', 'ISSUED', 'WILLEXPIRED', 'EXPIRED', 'REVOKED'] as const
export type OrderStatus = (typeof orderStatuses)[number]

/** What becomes of a certificate by time alone. */
export const lifeStatuses = ['ISSUED', 'WILLEXPIRED', 'EXPIRED'] as const
export type LifeStatus = (typeof lifeStatuses)[number]

const statusOfState = {
  draft: 'PAYED',
  withdrawn: 'PAYED',
  validating: 'CHECKING',
  ready: 'CHECKING',
  reviewing: 'CHECKING',
  issuing: 'CHECKING',
  failed: 'CHECKED_FAIL',
  issued: 'ISSUED',
  revoked: 'REVOKED',
} as const satisfies Record<Exclude<OrderState, 'deleted'>, OrderStatus>

/** `notAfter` names a whole second, all of which belongs to the validity. */
const LAST_SECOND_MS = 1_000

/** Whether a certificate's validity is over at an instant, ms (RFC 5280 section 4.1.2.5). */
export function hasExpired(notAfter: number, now: number): boolean {
  return notAfter <= now - LAST_SECOND_MS
}

/** The ends of certificates that have a status at an instant, ms. */
export function endsOf(status: LifeStatus, now: number): EndBounds {
  const [expired, late] = [now - LAST_SECOND_MS, now + ABOUT_TO_EXPIRE_MS]
  switch (status) {
    case 'ISSUED':
      return { after: late }
    case 'WILLEXPIRED':
      return { after: expired, until: late }
    case 'EXPIRED':
      return { until: expired }
  }
}

/** The status of a certificate at an instant, unless it is revoked; the end in ms. */
export function lifeStatus(notAfter: number, now: number): LifeStatus {
  const { after: late = 0 } = endsOf('ISSUED', now)
  if (notAfter > late) return 'ISSUED'
  return hasExpired(notAfter, now) ? 'EXPIRED' : 'WILLEXPIRED'
}

/** The status of an order at an instant, ms. A deleted one is in no list. */
export function orderStatus(
  { state, certificate_ends_at: endsAt }: Pick<OrderRow, 'state' | 'certificate_ends_at'>,
  now: number,
): OrderStatus {
  if (state === 'deleted') throw new Error('a deleted order has no status')
  return state === 'issued' && endsAt !== null ? lifeStatus(endsAt, now) : statusOfState[state]
}

/** What orders of a status are in the database at an instant, ms; an empty list of states: none is. */
export function ordersOfStatus(status: OrderStatus, now: number): NonNullable<OrderFilter['only']> {
  if (isLifeStatus(status)) return { ends: endsOf(status, now) }
  const states = Object.entries(statusOfState).flatMap(([state, of]) => (of === status ? [state] : []))
  // The keys of the table above.
  return { states: states as (keyof typeof statusOfState)[] }
}

export function isLifeStatus(status: OrderStatus): status is LifeStatus {
  return (lifeStatuses as readonly OrderStatus[]).includes(status)
}
