import type { Services } from '../services.ts'
import { countTagged, listTagKeys, type TaggedKind } from '../storage/tags.ts'

/** Keys of an account that lists know, and resources of one key that are counted. */
export const MOST_COUNTED = 10_000

const kinds: readonly TaggedKind[] = ['order', 'certificate']

/** A key in use, and how many resources carry it: at most {@link MOST_COUNTED} of each kind are counted. */
export interface UsedKey {
  readonly key: string
  readonly count: number
}

/**
 * A page of the keys that orders and uploaded certificates carry, by key.
 *
 * @param page `after`: keys that come later; else `skip` keys are left out
 */
export async function listUsedKeys(
  { db }: Pick<Services, 'db'>,
  accountId: number,
  group: string | undefined,
  page: { readonly after: string | undefined; readonly skip: number; readonly size: number },
): Promise<{ readonly keys: readonly UsedKey[]; readonly total: number; readonly more: boolean }> {
  const found = await Promise.all(kinds.map((kind) => listTagKeys(db.read, accountId, { kind, group, limit: MOST_COUNTED })))
  const all = [...new Set(found.flat())].toSorted((a, b) => (a < b ? -1 : 1)).slice(0, MOST_COUNTED)
  const { after, skip, size } = page
  const rest = after === undefined ? all.slice(skip) : all.filter((key) => key > after)
  const keys = await Promise.all(
    rest.slice(0, size).map(async (key) => {
      const counts = await Promise.all(kinds.map((kind) => countTagged(db.read, accountId, { kind, group, key, most: MOST_COUNTED })))
      return { key, count: counts.reduce((sum, count) => sum + count, 0) }
    }),
  )
  return { keys, total: all.length, more: rest.length > size }
}
