import type { OrderEvent } from '../storage/order-history.ts'
import type { OrderRow } from '../storage/orders.ts'
import type { OrderFailure } from './order.ts'
import { revocationReasons } from './revocation-reasons.ts'

/** One thing that happened. */
export interface OrderMoment {
  readonly at: number
  readonly what: string
}

/** What is on record of an order: rows of what is so now, and events of what rows no longer tell. Instants in ms. */
export interface OrderRecord {
  readonly order: Pick<OrderRow, 'created_at' | 'updated_at' | 'renews_order_id'>
  readonly ledger: readonly { readonly at: number; readonly kind: string; readonly units: number; readonly plan_id: number }[]
  readonly proofs: readonly { readonly identifier: string; readonly method: string | null; readonly validated_at: number | null }[]
  readonly review: { readonly level: string; readonly opened_at: number; readonly decided_at: number | null } | undefined
  readonly decisions: readonly { readonly at: number; readonly decision: 'approve' | 'reject'; readonly reason: string }[]
  readonly certificate:
    | { readonly id: number; readonly created_at: number; readonly revoked_at: number | null; readonly revocation_reason: number | null }
    | undefined
  readonly renewal: { readonly id: number; readonly created_at: number } | undefined
  readonly failure: OrderFailure | undefined
  readonly events: readonly OrderEvent[]
}

/** All of it in the order in which it happened, the oldest first. */
export function tellTimeline(record: OrderRecord): readonly OrderMoment[] {
  const { order, ledger, review, certificate, renewal, failure, events } = record
  const moments: OrderMoment[] = [
    { at: order.created_at, what: placingWords(order.renews_order_id) },
    ...ledger.map(({ at, kind, units, plan_id }) => ({ at, what: ledgerWords(kind, units, plan_id) })),
    ...record.proofs.flatMap(({ identifier, method, validated_at: at }) =>
      at === null ? [] : [{ at, what: `Control of ${identifier} was proven by ${method ?? 'an earlier proof'}.` }],
    ),
    ...events.flatMap(({ at, kind, detail }) => eventWords(kind, detail).map((what) => ({ at, what }))),
    ...(review === undefined ? [] : [{ at: review.opened_at, what: reviewWords(review.level) }]),
    ...record.decisions.map(({ at, decision, reason }) => ({ at, what: decisionWords(decision, reason) })),
    ...(certificate === undefined ? [] : certificateMoments(certificate)),
    ...(failure === undefined ? [] : [{ at: failedAt(record), what: failure.message }]),
    ...(renewal === undefined ? [] : [{ at: renewal.created_at, what: `Order ${renewal.id} was made to renew it.` }]),
  ]
  // What a row tells and an event too is told once.
  const told = new Map(moments.map((moment) => [`${moment.at} ${moment.what}`, moment]))
  // Stable: what one commit did stays in its order.
  return [...told.values()].toSorted((a, b) => a.at - b.at)
}

/** Other changes touch an order that has failed; only where its event has been deleted is theirs the nearest time that is known. */
function failedAt({ events, review, order }: OrderRecord): number {
  return events.findLast(({ kind }) => kind === 'order.failed')?.at ?? review?.decided_at ?? order.updated_at
}

function placingWords(renewed: number | null): string {
  return renewed === null ? 'The order was placed.' : `The order was placed, to renew order ${renewed}.`
}

function ledgerWords(kind: string, units: number, planId: number): string {
  const words: Readonly<Record<string, string>> = { reserve: 'reserved from', commit: 'used for good of', refund: 'given back to' }
  return `${units} ${units === 1 ? 'unit' : 'units'} ${words[kind] ?? kind} plan ${planId}.`
}

function reviewWords(level: string): string {
  return `The ${level} review was opened.`
}

function decisionWords(decision: string, reason: string): string {
  return `A reviewer ${decision === 'approve' ? 'approved' : 'rejected'} it${reason === '' ? '' : `: ${reason}`}`
}

function certificateMoments(certificate: NonNullable<OrderRecord['certificate']>): OrderMoment[] {
  const { id, created_at, revoked_at, revocation_reason } = certificate
  const issued = { at: created_at, what: `Certificate ${id} was issued.` }
  if (revoked_at === null) return [issued]
  const [reason = 'unspecified'] = Object.entries(revocationReasons).find(([, code]) => code === revocation_reason) ?? []
  return [issued, { at: revoked_at, what: `Certificate ${id} was revoked: ${reason}.` }]
}

/** None where a row tells it in the same write. */
function eventWords(kind: string, detail: OrderEvent['detail']): string[] {
  switch (kind) {
    case 'order.withdrawn':
      return ['The application was taken back.']
    case 'order.submitted':
      return ['The order was submitted, and proof of control began.']
    case 'review.opened':
      return [reviewWords(String(detail['level']))]
    case 'review.decided':
      return [decisionWords(String(detail['decision']), String(detail['reason']))]
    case 'resourceGroup.changed':
      return [`It was put into the resource group ${String(detail['resourceGroup'])}.`]
    case 'certificate.deleted':
      return ['The certificate was deleted from the account.']
    default:
      return []
  }
}
