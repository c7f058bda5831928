import type { Services } from '../services.ts'
import { listMatches, type KeywordList } from '../storage/list-matches.ts'
import { findNewestId } from '../storage/list-orders.ts'
import { countPlaces, listPlaces, type PageBounds, type Place, type RangeList } from '../storage/list-ranges.ts'

/** A list that pages are read from. */
export interface ListSource {
  /** The newest row that could be in it; 0: nothing is. */
  newestId(): Promise<number>
  places(bounds: PageBounds): Promise<readonly Place[]>
  /** Its rows up to `newestId`, but never more than `most`. */
  count(newestId: number, most: number): Promise<number>
}

type ListServices = Pick<Services, 'db'>

/** All rows of the ranges. */
export function rangeSource({ db }: ListServices, accountId: number, list: RangeList): ListSource {
  return {
    newestId: () => findNewestId(db.read, list.table, accountId),
    places: (bounds) => listPlaces(db.read, list, bounds),
    count: (newestId, most) => countPlaces(db.read, list, { newestId, most }),
  }
}

/** The rows that hold a keyword: the newest first, whatever the order of the list without it. */
export function keywordSource({ db }: ListServices, keywords: KeywordList, mostCounted: number): ListSource {
  const { list, scope } = keywords
  // The first page and the count of the whole list are found in one go.
  let whole: { readonly newestId: number; readonly ids: Promise<readonly number[]> } | undefined
  const wholeTo = (newestId: number) => {
    if (whole?.newestId !== newestId) whole = { newestId, ids: listMatches(db.read, keywords, { below: newestId + 1, most: mostCounted }) }
    return whole.ids
  }
  return {
    newestId: () => findNewestId(db.read, list.table, scope.accountId),
    async places({ newestId, after, skip, limit }) {
      const ids =
        after === undefined && skip + limit <= mostCounted
          ? await wholeTo(newestId)
          : await listMatches(db.read, keywords, { below: after?.id ?? newestId + 1, most: skip + limit })
      return ids.slice(skip, skip + limit).map((id) => ({ id }))
    },
    count: async (newestId, most) => Math.min(most, (await wholeTo(newestId)).length),
  }
}

/** Rows that are in memory, the highest id first. */
export function givenSource(ids: readonly number[]): ListSource {
  const upTo = (newestId: number) => ids.filter((id) => id <= newestId)
  return {
    newestId: () => Promise.resolve(ids[0] ?? 0),
    places: ({ newestId, after, skip, limit }) =>
      Promise.resolve(
        upTo(newestId)
          .filter((id) => after === undefined || id < after.id)
          .slice(skip, skip + limit)
          .map((id) => ({ id })),
      ),
    count: (newestId, most) => Promise.resolve(Math.min(most, upTo(newestId).length)),
  }
}
