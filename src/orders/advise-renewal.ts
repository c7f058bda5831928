import type { OrderState } from '../storage/schema.ts'
import { ABOUT_TO_EXPIRE_MS } from './order.ts'
import { lifeStatus } from './order-status.ts'

/** How long an issued certificate lasts, and what follows it. Instants in ms. */
export interface CertificateTerm {
  readonly now: number
  readonly notAfter: number
  /** Its product is on offer as it was, and not one without price. */
  readonly renewable: boolean
  /** The order that renews it. */
  readonly renewal: { readonly id: number; readonly state: OrderState } | undefined
}

/** What the owner of an issued certificate has to do so that another one follows it. */
export function adviseRenewal({ now, notAfter, renewable, renewal }: CertificateTerm): string {
  const status = lifeStatus(notAfter, now)
  const end = `The certificate ${status === 'EXPIRED' ? 'expired' : 'ends'} at ${timeOf(notAfter)}`
  if (renewal !== undefined) return adviseRenewing(end, renewal)
  switch (status) {
    case 'ISSUED': {
      const next = renewable ? 'can be renewed' : 'needs a new order in its place'
      return `Nothing: the certificate is issued. It ${next} from ${timeOf(notAfter - ABOUT_TO_EXPIRE_MS)} on.`
    }
    case 'WILLEXPIRED':
      return renewable
        ? `${end}: renew it now with RenewCertificateOrderForPackageRequest. With Submit=true proof of control begins at once.`
        : `${end}, and certificates of its product are not renewed: place a new order now.`
    case 'EXPIRED':
      return `${end}, and what has expired is not renewed: place a new order.`
  }
}

function adviseRenewing(end: string, { id, state }: NonNullable<CertificateTerm['renewal']>): string {
  if (state === 'issued') return `Nothing: order ${id} has renewed the certificate.`
  return state === 'draft' || state === 'withdrawn'
    ? `${end}, and order ${id}, which renews it, is not submitted: SubmitOrder of ${id} applies for the new certificate.`
    : `${end}, and order ${id} renews it: ExplainOrder of ${id} tells what that one waits for.`
}

function timeOf(instant: number): string {
  return new Date(instant).toISOString()
}
