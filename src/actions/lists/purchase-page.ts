import type { RequestContext } from '../../gateway/caller.ts'
import { givenSource } from '../../orders/list-source.ts'
import { type OrderStatus, lifeStatus } from '../../orders/order-status.ts'
import { walkPage } from '../../orders/walk-page.ts'
import { packageName } from '../../orders/wire-names.ts'
import type { Services } from '../../services.ts'
import { readKeyword } from '../../storage/keyword-lines.ts'
import { listPurchases } from '../../storage/plans.ts'
import type { Purchase } from './order-item.ts'

/** So many purchases are looked at: the latest. */
const MOST = 10_000

/** A page of the plans that an account bought, the newest first, each with its status. */
export async function listPurchasePage(
  services: Pick<Services, 'db' | 'clock' | 'pageAnchors'>,
  context: RequestContext,
  {
    status,
    keyword,
    page,
    size,
  }: { readonly status: OrderStatus | undefined; readonly keyword: string | undefined; readonly page: number; readonly size: number },
): Promise<{ readonly rows: readonly { readonly plan: Purchase; readonly status: OrderStatus }[]; readonly total: number }> {
  const plans = await listPurchases(services.db.read, context.caller.accountId, MOST)
  const wanted = keyword === undefined ? '' : readKeyword(keyword)
  const filter = { list: 'BUY', status, keyword }
  const { ids, total, at } = await walkPage(services, { context, filter, page, size }, (now) =>
    givenSource(
      plans
        .filter((plan) => status === undefined || purchaseStatus(plan, now) === status)
        .filter((plan) => wanted !== undefined && [packageName(plan.id), plan.product_code].some((text) => text.includes(wanted)))
        .map(({ id }) => id),
    ),
  )
  const byId = new Map(plans.map((plan) => [plan.id, plan]))
  return { total, rows: ids.flatMap((id) => byId.get(id) ?? []).map((plan) => ({ plan, status: purchaseStatus(plan, at) })) }
}

/** What became of a plan: ended or about to, used up, or with units left. */
function purchaseStatus({ total, used, valid_until: until }: Purchase, now: number): OrderStatus {
  if (until <= now) return 'EXPIRED'
  if (used >= total) return 'ISSUED'
  return lifeStatus(until, now) === 'ISSUED' ? 'PAYED' : 'WILLEXPIRED'
}
