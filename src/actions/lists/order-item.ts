import { z } from 'zod'
import { namesOf } from '../../orders/order-names.ts'
import { type OrderStatus, orderStatus, orderStatuses } from '../../orders/order-status.ts'
import { instanceName, packageName, resourceNameOf } from '../../orders/wire-names.ts'
import type { Catalogue } from '../../plans/products.ts'
import type { ListedOrder } from '../../storage/list-orders.ts'
import type { listPurchases } from '../../storage/plans.ts'
import { algorithmOf, certTypeOf, countWildcards, domainTypeOfNames, domainTypeOfProduct } from './product-words.ts'

/** An order (`cpack`) or a purchase (`buy`) in ListUserCertificateOrder. */
export const orderItem = z.object({
  /** Of orders alone. */
  OrderId: z.int().optional(),
  InstanceId: z.string(),
  /** Ours, of orders alone: stays the same over renewals. */
  ResourceId: z.string().optional(),
  /** The purchase; of an order the one that its unit comes from. */
  AliyunOrderId: z.int(),
  ProductCode: z.string(),
  ProductName: z.string(),
  CertType: z.enum(['DV', 'OV', 'EV', 'FREE']).optional(),
  RootBrand: z.string().optional(),
  DomainType: z.enum(['ONE', 'MULTIPLE', 'WILDCARD', 'M_WILDCARD', 'MIX']).optional(),
  /** All names, separated by commas. */
  Domain: z.string().optional(),
  DomainCount: z.int().optional(),
  WildDomainCount: z.int().optional(),
  Algorithm: z.string().optional(),
  Status: z.enum(orderStatuses),
  SourceType: z.enum(['cpack', 'buy']),
  TrusteeStatus: z.literal('unTrustee'),
  BuyDate: z.int(),
  CertStartTime: z.int().optional(),
  CertEndTime: z.int().optional(),
})

type OrderItem = z.input<typeof orderItem>

/** An order as the list shows it; its status is that of the instant, ms. */
export function orderToWire(order: ListedOrder, catalogue: Catalogue, at: number): OrderItem {
  const names = namesOf(order)
  return {
    OrderId: order.id,
    InstanceId: instanceName(order),
    ResourceId: resourceNameOf(order),
    AliyunOrderId: order.plan_id,
    ...productToWire(order.product_code, catalogue),
    DomainType: domainTypeOfNames(names),
    Domain: names.join(','),
    DomainCount: names.length,
    WildDomainCount: countWildcards(names),
    Algorithm: algorithmOf(order.key_algorithm),
    Status: orderStatus(order, at),
    SourceType: 'cpack',
    TrusteeStatus: 'unTrustee',
    BuyDate: order.created_at,
    ...(order.certificate_begins_at !== null && { CertStartTime: order.certificate_begins_at }),
    ...(order.certificate_ends_at !== null && { CertEndTime: order.certificate_ends_at }),
  }
}

export type Purchase = Awaited<ReturnType<typeof listPurchases>>[number]

/** A bought plan as the list shows it. It has no `OrderId`: that would be the number of some certificate's order. */
export function purchaseToWire(plan: Purchase, catalogue: Catalogue, status: OrderStatus): OrderItem {
  const product = catalogue.find(plan.product_code)
  return {
    InstanceId: packageName(plan.id),
    AliyunOrderId: plan.id,
    ...productToWire(plan.product_code, catalogue),
    ...(product && {
      DomainType: domainTypeOfProduct(product),
      DomainCount: product.maxNames,
      WildDomainCount: product.domainKind === 'single' ? 0 : product.maxNames,
    }),
    Status: status,
    SourceType: 'buy',
    TrusteeStatus: 'unTrustee',
    BuyDate: plan.created_at,
    CertStartTime: plan.valid_from,
    CertEndTime: plan.valid_until,
  }
}

/** What the catalogue says of a product; an operator may have taken it out. */
function productToWire(code: string, catalogue: Catalogue): Pick<OrderItem, 'ProductCode' | 'ProductName' | 'CertType' | 'RootBrand'> {
  const product = catalogue.find(code)
  return {
    ProductCode: code,
    ProductName: product?.name ?? code,
    ...(product && { CertType: certTypeOf(product), RootBrand: product.rootBrand }),
  }
}
