import type { Services } from '../../services.ts'
import { listTagsAfter, type TaggedType } from '../../storage/ram-tags.ts'
import { MOST_TAGS, type RamTag } from './ram-tags.ts'

/** The tags of many users, roles or policies, by id. */
export async function listTagsById(
  db: Services['db'],
  accountId: number,
  type: TaggedType,
  ids: readonly number[],
): Promise<ReadonlyMap<number, RamTag[]>> {
  const found = new Map<number, RamTag[]>()
  if (ids.length === 0) return found
  const page = { ids, afterId: 0, afterKey: '', limit: ids.length * MOST_TAGS }
  for (const { resource_id: id, key, value } of await listTagsAfter(db.read, accountId, type, page)) {
    const known = found.get(id)
    if (known === undefined) found.set(id, [{ key, value }])
    else known.push({ key, value })
  }
  return found
}
