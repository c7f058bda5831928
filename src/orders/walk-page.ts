import type { RequestContext } from '../gateway/caller.ts'
import type { Services } from '../services.ts'
import type { Place } from '../storage/list-ranges.ts'
import type { ListSource } from './list-source.ts'
import type { Anchor } from './page-anchors.ts'

/** `TotalCount` is exact up to here, and stays here for longer lists: counting them would cost as much as they are long. */
export const MOST_COUNTED = 10_000

/** One page of a list. */
export interface Page {
  /** Ids of its rows, in the order of the list. */
  readonly ids: readonly number[]
  readonly total: number
  /** The instant of the list's first page, ms. */
  readonly at: number
}

/**
 * Reads a page of a list that is turned by page numbers. The first page says what the list is: later pages of the same caller, filter and size
 * continue behind the page before, so that no row is shown twice or left out while new ones come in; one that another process adds may have a
 * lower id than the newest, and come up on a later page. Without that knowledge (after ten minutes, in another process, for a page that is read
 * first) a page begins as many rows behind the newest as its number says.
 */
export async function walkPage(
  services: Pick<Services, 'clock' | 'pageAnchors'>,
  request: {
    readonly context: RequestContext
    readonly filter: Readonly<Record<string, unknown>>
    readonly page: number
    readonly size: number
  },
  sourceAt: (now: number) => ListSource,
): Promise<Page> {
  const { context, page, size } = request
  const { accountId, principal } = context.caller
  const owner = { accountId, list: JSON.stringify([context.action, principal, request.filter, size]) }
  const known = page === 1 ? undefined : services.pageAnchors.find(owner, page)
  const at = known?.at ?? services.clock()
  const source = sourceAt(at)
  const newestId = known?.newestId ?? (await source.newestId())
  const places = newestId === 0 ? [] : await source.places({ newestId, limit: size, ...startOf(known, page, size) })
  const isWhole = page === 1 && places.length < size
  const total = known?.total ?? (isWhole ? places.length : await source.count(newestId, MOST_COUNTED))
  const anchor = known ?? services.pageAnchors.add(owner, { newestId, at, total })
  const last = places.at(-1)
  if (last !== undefined) services.pageAnchors.note(anchor, page, last)
  return { ids: places.map(({ id }) => id), total, at }
}

/** The nearest known end of a page before this one, and the rows between. */
function startOf(anchor: Anchor | undefined, page: number, size: number): { after: Place | undefined; skip: number } {
  let nearest: { page: number; after: Place | undefined } = { page: 0, after: undefined }
  for (const [number, after] of anchor?.ends ?? []) if (number < page && number > nearest.page) nearest = { page: number, after }
  return { after: nearest.after, skip: (page - 1 - nearest.page) * size }
}
