import type { Kysely } from 'kysely'
import { type KeywordScope, searchKeyword } from './keyword-search.ts'
import { keepListed, listPlaces, type Place, type RangeList } from './list-ranges.ts'
import type { Schema } from './schema.ts'

/** A list narrowed to the rows that hold a keyword. */
export interface KeywordList {
  readonly list: RangeList
  readonly scope: KeywordScope
  /** As `readKeyword` gives it. */
  readonly keyword: string
  /** The lines of these rows, by id: what `keyword_lines` has or had of them. */
  linesOf(ids: readonly number[]): Promise<ReadonlyMap<number, string>>
}

/** Which matches are wanted: so many of those with an id below. */
export interface MatchBounds {
  readonly below: number
  readonly most: number
}

/** A list of so few rows is looked through row by row. */
const FEW = 2_000
/** Rows that are looked at at once. */
const BATCH = 1_000
/** Of so many rows one tells whether most of the list will match: then it is looked through as well. */
const SAMPLE = 100
const COMMON = 0.2

/** Ids below `below` of the rows of a list that hold the keyword, the highest first, at most `most`. */
export async function listMatches(read: Kysely<Schema>, keywords: KeywordList, bounds: MatchBounds): Promise<number[]> {
  const { list } = keywords
  const few = await listPlaces(read, list, { newestId: bounds.below - 1, after: undefined, skip: 0, limit: FEW + 1 })
  if (few.length <= FEW) return (await keepMatching(keywords, few)).sort((a, b) => b - a).slice(0, bounds.most)
  // Only lists by id come in the order of the matches; and of a whole account the text finds nothing that the list then leaves out.
  const mayWalk = list.by === undefined && !list.isWhole
  const sample = mayWalk ? await keepMatching(keywords, few.slice(0, SAMPLE)) : []
  return sample.length >= SAMPLE * COMMON ? await walkList(read, keywords, bounds) : await walkText(read, keywords, bounds)
}

/** Row by row, for a keyword that is common in the list. */
async function walkList(read: Kysely<Schema>, keywords: KeywordList, { below, most }: MatchBounds): Promise<number[]> {
  const matches: number[] = []
  let after: Place = { id: below }
  for (;;) {
    const places = await listPlaces(read, keywords.list, { newestId: below - 1, after, skip: 0, limit: BATCH })
    matches.push(...(await keepMatching(keywords, places)))
    const last = places.at(-1)
    if (matches.length >= most || last === undefined || places.length < BATCH) return matches.slice(0, most)
    after = last
  }
}

/** By the text, for a keyword that is rare in the list. */
async function walkText(read: Kysely<Schema>, { list, scope, keyword }: KeywordList, { below, most }: MatchBounds): Promise<number[]> {
  const matches: number[] = []
  for await (const found of searchKeyword(read, scope, { keyword, below })) {
    for (let done = 0; done < found.length; done += BATCH) {
      const part = found.slice(done, done + BATCH)
      const listed = await keepListed(read, scope.engine, list, part)
      for (const id of part) if (listed.has(id)) matches.push(id)
      if (matches.length >= most) return matches.slice(0, most)
    }
  }
  return matches
}

async function keepMatching({ keyword, linesOf }: KeywordList, places: readonly Place[]): Promise<number[]> {
  const lines = await linesOf(places.map(({ id }) => id))
  return places.map(({ id }) => id).filter((id) => lines.get(id)?.includes(keyword) === true)
}
