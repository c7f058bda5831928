import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import type { RequestContext } from '../../gateway/caller.ts'
import { listCertificates } from '../../orders/list-certificates.ts'
import { listOrders } from '../../orders/list-orders.ts'
import { isLifeStatus, type LifeStatus, type OrderStatus, orderStatuses } from '../../orders/order-status.ts'
import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { resourceGroup } from '../certificates/fields.ts'
import { optionalText } from '../fields.ts'
import { pageNumberAnswer, pageNumberFields } from '../page-number.ts'
import { CAS_VERSION } from '../versions.ts'
import { certificateItem, certificateToWire } from './certificate-item.ts'
import { orderItem, orderToWire, purchaseToWire } from './order-item.ts'
import { listPurchasePage } from './purchase-page.ts'

const orderTypes = ['CPACK', 'BUY', 'UPLOAD', 'CERT'] as const
/** A status of the original's orders that nothing here ever has: what is looked for by it is not found. */
const NEVER = 'NOTACTIVATED'
type AskedStatus = OrderStatus | typeof NEVER

/** Lists orders, purchases, uploaded certificates, or all certificates. */
export const listUserCertificateOrder = action({
  name: 'ListUserCertificateOrder',
  version: CAS_VERSION,
  access: 'list',
  ramAction: 'yundun-cert:ListUserCertificateOrder',
  summary:
    'List the orders of the account (`CPACK`), its purchases (`BUY`), uploaded certificates (`UPLOAD`), or all certificates (`CERT`). `TotalCount` ends at 10,000.',
  strict: false,
  input: z.object({
    OrderType: z
      .enum([...orderTypes, ''], { error: `One of ${orderTypes.join(', ')} is needed.` })
      .optional()
      .transform((text) => text || 'CPACK'),
    Status: z
      .enum([...orderStatuses, NEVER, ''], { error: `One of ${[...orderStatuses, NEVER].join(', ')} is needed.` })
      .optional()
      .transform((text) => text || undefined),
    /** Part of a domain name, an InstanceId or a ResourceId; ours: of the name of a certificate too. */
    Keyword: optionalText,
    ResourceGroupId: resourceGroup,
    ...pageNumberFields(50),
  }),
  output: z.object({ CertificateOrderList: z.array(z.union([orderItem, certificateItem])), ...pageNumberAnswer }),
  problems: [],
  async run(input, context, services) {
    const { items, total } = await listItems(input, context, services)
    return { CertificateOrderList: [...items], CurrentPage: input.CurrentPage, ShowSize: input.ShowSize, TotalCount: total }
  },
})

interface Input {
  readonly OrderType: (typeof orderTypes)[number]
  readonly Status?: AskedStatus | undefined
  readonly Keyword?: string | undefined
  readonly ResourceGroupId?: string | undefined
  readonly CurrentPage: number
  readonly ShowSize: number
}

type Item = z.input<typeof orderItem> | z.input<typeof certificateItem>
const nothing = { items: [], total: 0 } as const

async function listItems(
  { OrderType, Status: status, Keyword: keyword, ResourceGroupId: group, CurrentPage: page, ShowSize: size }: Input,
  context: RequestContext,
  services: Services,
): Promise<{ readonly items: readonly Item[]; readonly total: number }> {
  const { catalogue } = services
  switch (OrderType) {
    case 'CPACK': {
      if (status === NEVER) return nothing
      const { rows, total, at } = await listOrders(services, { context, status, keyword, group, page, size })
      return { items: rows.map((order) => orderToWire(order, catalogue, at)), total }
    }
    case 'BUY': {
      // Plans are in no resource group.
      if (status === NEVER || group !== undefined) return nothing
      const { rows, total } = await listPurchasePage(services, context, { status, keyword, page, size })
      return { items: rows.map(({ plan, status: of }) => purchaseToWire(plan, catalogue, of)), total }
    }
    case 'UPLOAD':
    case 'CERT': {
      const { rows, total, at } = await listCertificates(services, {
        context,
        origins: OrderType === 'UPLOAD' ? ['upload'] : ['buy', 'test', 'upload'],
        choice: status === undefined ? 'valid' : certificateStatus(status),
        keyword,
        group,
        ids: undefined,
        page,
        size,
      })
      return { items: rows.map((card) => certificateToWire(card, at)), total }
    }
  }
}

/** @throws Problem invalidParameter for a status that only orders have */
function certificateStatus(status: AskedStatus): LifeStatus {
  if (status !== NEVER && isLifeStatus(status)) return status
  throw new Problem('invalidParameter', {
    P: 'Status',
    rule: `${status} is a status of orders: with OrderType CERT or UPLOAD one of ISSUED, WILLEXPIRED, EXPIRED is needed, or none.`,
  })
}
