import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { type ChainReference, listRenewals } from '../../orders/list-chain.ts'
import { namesOf } from '../../orders/order-names.ts'
import { type OrderStatus, orderStatus } from '../../orders/order-status.ts'
import { instanceName, resourceNameOf } from '../../orders/wire-names.ts'
import type { Catalogue } from '../../plans/products.ts'
import { Problem } from '../../problem.ts'
import type { ListedOrder } from '../../storage/list-orders.ts'
import { optionalText, wireCount, wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { algorithmOf, certTypeOf, countWildcards, domainTypeOfNames, productIdOf } from './product-words.ts'

const ramAction = 'yundun-cert:ListTrusteeOrder'
const MOST = 100

/** `StatusCode` on the wire, as deployment jobs of the original spell it. */
const statusCodes = {
  PAYED: 'payed',
  CHECKING: 'checking',
  CHECKED_FAIL: 'checkedFail',
  ISSUED: 'issued',
  WILLEXPIRED: 'willExpired',
  EXPIRED: 'expired',
  REVOKED: 'revoked',
} as const satisfies Record<OrderStatus, string>

/** Lists the orders that renew each other, of which one is named. */
export const listTrusteeOrder = action({
  name: 'ListTrusteeOrder',
  version: CAS_VERSION,
  access: 'list',
  ramAction,
  target: { resources: ({ OrderId, CertificateId }) => [...named('order', OrderId), ...named('certificate', CertificateId)] },
  summary: 'List an order, or that of a certificate, with all orders that it renews or that renew it, the latest first.',
  strict: false,
  input: z.object({
    OrderId: wireId.optional(),
    CertificateId: wireId.optional(),
    MaxResults: wireCount.refine((n) => n >= 1 && n <= MOST, `1 to ${MOST} are allowed.`).default(20),
    NextToken: optionalText,
  }),
  output: z.object({
    /** JSON: a list of orders. */
    TrusteeOrderList: z.string(),
    TotalCount: z.int(),
    MaxResults: z.int(),
    /** Absent at the end. */
    NextToken: z.string().optional(),
  }),
  problems: ['notFoundOrder', 'notFoundCertificate'],
  async run({ OrderId, CertificateId, MaxResults, NextToken }, context, services) {
    const chain = await listRenewals(services, context.caller.accountId, referenceOf(OrderId, CertificateId))
    const start = NextToken === undefined ? 0 : chain.findIndex(({ id }) => String(id) === NextToken) + 1
    if (NextToken !== undefined && start === 0) {
      throw new Problem('invalidParameter', { P: 'NextToken', rule: 'It must be a NextToken of an earlier answer about the same order.' })
    }
    const rows = chain.slice(start, start + MaxResults)
    // Who may see one order of a chain may not therefore see the others.
    await services.access.assertAllowed(context, { action: ramAction, resources: rows.map(({ id }) => `order/${id}`) })
    const last = rows.at(-1)
    const now = services.clock()
    return {
      TrusteeOrderList: JSON.stringify(rows.map((order) => toWire(order, services.catalogue, now))),
      TotalCount: chain.length,
      MaxResults,
      ...(last !== undefined && start + MaxResults < chain.length && { NextToken: String(last.id) }),
    }
  },
})

function named(kind: 'order' | 'certificate', id: unknown): string[] {
  return typeof id === 'string' && id !== '' ? [`${kind}/${id}`] : []
}

/** Throws Problem missingParameter, invalidParameter. */
function referenceOf(orderId: number | undefined, certificateId: number | undefined): ChainReference {
  if (orderId !== undefined && certificateId !== undefined) {
    throw new Problem('invalidParameter', { P: 'CertificateId', rule: 'OrderId or CertificateId is needed, not both.' })
  }
  if (orderId !== undefined) return { orderId }
  if (certificateId === undefined) throw new Problem('missingParameter', { P: 'OrderId' })
  return { certificateId }
}

function toWire(order: ListedOrder, catalogue: Catalogue, now: number) {
  const names = namesOf(order)
  const product = catalogue.find(order.product_code)
  return {
    OrderId: order.id,
    InstanceId: instanceName(order),
    ResourceId: resourceNameOf(order),
    CertificateId: order.certificate_id ?? 0,
    ProductCode: order.product_code,
    ProductId: productIdOf(order.product_code, catalogue.list()),
    ...(product && { BrandName: product.brand, CertType: certTypeOf(product), IsFree: product.free }),
    SourceType: 'cpack',
    StatusCode: statusCodes[orderStatus(order, now)],
    Domain: order.domain,
    AllDomain: names.join(','),
    DomainType: domainTypeOfNames(names),
    DomainCount: names.length,
    WildDomainCount: countWildcards(names),
    IsMix: domainTypeOfNames(names) === 'MIX',
    Algorithm: algorithmOf(order.key_algorithm),
    IsRenew: order.renews_order_id !== null,
    PartnerOrderId: null,
    BuyDate: order.created_at,
  }
}
