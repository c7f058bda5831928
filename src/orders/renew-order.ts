import type { RequestContext } from '../gateway/caller.ts'
import { parseKeyAlgorithm } from '../keys/key-pair.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { findCertificate } from '../storage/certificates.ts'
import { clientTokenOf, withClientToken } from '../storage/client-tokens.ts'
import { listOrderTags, type OrderRow } from '../storage/orders.ts'
import { parseApplicantCsr } from './applicant-csr.ts'
import { assertNotBlocked } from './blocked-key.ts'
import { parseCommonName } from './common-name.ts'
import { loadOrder } from './load-order.ts'
import { ABOUT_TO_EXPIRE_MS } from './order.ts'
import { namesOf } from './order-names.ts'
import { hasExpired } from './order-status.ts'
import type { Organization } from './organization.ts'
import type { PlaceOrderServices } from './place-order.ts'
import { reserveOrder } from './reserve-order.ts'
import { LONG_KEY_LENGTH, parseTags } from './tags.ts'

/** What a renewal may change. */
export interface RenewalRequest {
  readonly context: RequestContext
  readonly orderId: number
  /** PEM; absent: the service makes a new key. */
  readonly csr: string | undefined
  /** None: those of the order. */
  readonly tags: readonly { readonly key: string; readonly value: string }[]
  /** True: proof begins at once; false: the renewal waits to be submitted. */
  readonly submit: boolean
  readonly clientToken: string | undefined
}

/**
 * Makes the order that renews another: the same product, names and applicant, one unit of a plan. The renewed certificate stays as it is.
 *
 * @returns the new order's id
 * @throws Problem notFoundOrder, orderStateError (not about to expire, a free product, or one of the ACME door), renewalExists, invalidParameter, csrUsed,
 *   notFoundPackage, notRemainCount, idempotentParameterMismatch, callerInactive
 */
export async function renewOrder(services: PlaceOrderServices, request: RenewalRequest): Promise<{ orderId: number }> {
  const { context } = request
  const order = await loadOrder(services, context.caller.accountId, request.orderId)
  const product = services.catalogue.find(order.product_code)
  if (product === undefined) throw new Problem('orderStateError', { rule: 'its product is no longer offered.' })
  if (product.level !== order.level)
    throw new Problem('orderStateError', { rule: `its product is ${product.level} by now; order a new one.` })
  const csr = request.csr === undefined ? undefined : await parseApplicantCsr(request.csr)
  if (csr === undefined && !product.custodyKeys) throw new Problem('missingParameter', { P: 'Csr' })
  const names = namesOf(order)
  if (csr !== undefined && parseCommonName(csr, product).name !== names[0]) {
    throw new Problem('invalidParameter', { P: 'Csr', rule: `Its CN must be ${names[0]}, as in the order that it renews.` })
  }
  const keyAlgorithm = csr?.keyAlgorithm ?? parseKeyAlgorithm(order.key_algorithm) ?? product.keyAlgorithm
  const now = services.clock()
  const given = parseTags(request.tags, { list: 'Tags', keyLength: LONG_KEY_LENGTH })
  const token = clientTokenOf(context, request.clientToken, [order.id, csr?.spkiSha256, given, request.submit], now)
  return await withClientToken(services.db, token, async () => {
    if (csr !== undefined) await assertNotBlocked(services, csr)
    await assertRenewable(services, order, { free: product.free, now })
    const orderId = await services.db.nextId('orders')
    const tags = given.length > 0 ? given : await listOrderTags(services.db.read, order.account_id, order.id)
    await reserveOrder(services, {
      context,
      orderId,
      product,
      names,
      method: order.method,
      applicant: order.applicant,
      // Stored by the service itself.
      organization: order.organization === null ? undefined : (JSON.parse(order.organization) as Organization),
      tags,
      keyAlgorithm,
      csr,
      renewal: { orderId: order.id, lineageId: order.lineage_id ?? order.id },
      submitted: request.submit,
      resourceGroup: order.resource_group,
      now,
      token,
    })
    return { orderId }
  })
}

async function assertRenewable(
  { db }: Pick<Services, 'db'>,
  order: OrderRow,
  { free, now }: { readonly free: boolean; readonly now: number },
): Promise<void> {
  if (free) throw new Problem('orderStateError', { rule: 'free certificates are not renewed; order a new one.' })
  if (order.acme_account_id !== null) throw new Problem('orderStateError', { rule: 'an order of the ACME door is renewed by its client.' })
  const certificate = order.certificate_id === null ? undefined : await findCertificate(db.read, order.certificate_id)
  if (order.state !== 'issued' || certificate === undefined)
    throw new Problem('orderStateError', { rule: 'only an issued order can be renewed.' })
  if (now < certificate.not_after - ABOUT_TO_EXPIRE_MS) {
    throw new Problem('orderStateError', { rule: 'its certificate is not about to expire: a renewal begins 30 days before the end.' })
  }
  if (hasExpired(certificate.not_after, now))
    throw new Problem('orderStateError', { rule: 'its certificate has expired; order a new one.' })
}
