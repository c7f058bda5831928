import { hash } from 'node:crypto'
import type { Services } from '../../services.ts'
import { findOpenOrderOfWish } from '../../storage/acme-orders.ts'
import { findOrderOfAnyAccount } from '../../storage/orders.ts'
import type { AcmeCaller } from './acme-caller.ts'
import { showAcmeOrder } from './show-order.ts'
import { stepAcmeOrder } from './step-acme-order.ts'
import type { WishedValidity } from './validity.ts'
import type { AcmeOrderView } from './views.ts'

/** What makes two orders of an ACME account the same. */
export interface AcmeWish extends WishedValidity {
  readonly names: readonly string[]
  readonly productCode: string
  /** The ARI identifier as the client sent it. */
  readonly replaces: string | null
}

/** Names as a set, SHA-256 in hex. */
export function hashNames(names: readonly string[]): string {
  return hash('sha256', names.toSorted().join(','))
}

/** A wish, its names as a set, SHA-256 in hex. */
export function hashWish({ names, productCode, notBefore, notAfter, replaces }: AcmeWish): string {
  return hash('sha256', JSON.stringify([names.toSorted(), productCode, notBefore, notAfter, replaces]))
}

/**
 * The open order of the ACME account for a wish. One that can come to nothing any more ends here: it would stand in the way of the next.
 *
 * @throws Problem moved
 */
export async function findSameOrder(
  services: Pick<Services, 'db' | 'clock'>,
  caller: AcmeCaller,
  wishSha256: string,
): Promise<AcmeOrderView | undefined> {
  const { db } = services
  const orderId = await findOpenOrderOfWish(db.read, caller.acmeAccountId, wishSha256)
  if (orderId === undefined) return undefined
  const view = await showAcmeOrder(services, caller, orderId)
  if (view.status === 'pending' || view.status === 'ready') return view
  const lost = await findOrderOfAnyAccount(db.read, orderId)
  if (lost !== undefined) await stepAcmeOrder(services, lost)
  return undefined
}
