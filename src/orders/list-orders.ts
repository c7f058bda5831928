import type { RequestContext } from '../gateway/caller.ts'
import type { Services } from '../services.ts'
import { readKeyword } from '../storage/keyword-lines.ts'
import { listOrderNames, listOrderRows, type ListedOrder, orderRanges } from '../storage/list-orders.ts'
import { givenSource, keywordSource, type ListSource, rangeSource } from './list-source.ts'
import { orderLine } from './order-line.ts'
import { namesOf } from './order-names.ts'
import { type OrderStatus, ordersOfStatus } from './order-status.ts'
import { MOST_COUNTED, walkPage } from './walk-page.ts'

/** A page of a list, and what narrows it. */
export interface OrderListRequest {
  readonly context: RequestContext
  readonly status: OrderStatus | undefined
  readonly keyword: string | undefined
  readonly group: string | undefined
  readonly page: number
  readonly size: number
}

/** Rows of one page. `at` is the instant by which their status is judged, ms. */
export interface ListPage<Row> {
  readonly rows: readonly Row[]
  readonly total: number
  readonly at: number
}

/** The orders of an account: the newest first, or by a status that time decides the one that ends last. */
export async function listOrders(
  services: Pick<Services, 'db' | 'clock' | 'pageAnchors'>,
  { context, status, keyword, group, page, size }: OrderListRequest,
): Promise<ListPage<ListedOrder>> {
  const { accountId } = context.caller
  const filter = { status, keyword, group }
  const { ids, total, at } = await walkPage(services, { context, filter, page, size }, (now) =>
    sourceOf(services, { accountId, status, keyword, group }, now),
  )
  return { rows: await listOrderRows(services.db.read, accountId, ids), total, at }
}

function sourceOf(
  services: Pick<Services, 'db'>,
  { accountId, status, keyword, group }: { accountId: number } & Pick<OrderListRequest, 'status' | 'keyword' | 'group'>,
  now: number,
): ListSource {
  const only = status === undefined ? undefined : ordersOfStatus(status, now)
  const list = orderRanges({ accountId, group, only })
  const wanted = keyword === undefined ? '' : readKeyword(keyword)
  if (list.ranges.length === 0 || wanted === undefined) return givenSource([])
  if (wanted === '') return rangeSource(services, accountId, list)
  const { read, engine } = services.db
  return keywordSource(
    services,
    {
      list,
      keyword: wanted,
      scope: { engine, accountId, kind: 'order' },
      linesOf: async (ids) => new Map((await listOrderNames(read, accountId, ids)).map((row) => [row.id, orderLine(namesOf(row), row)])),
    },
    MOST_COUNTED,
  )
}
