import type { RequestContext } from '../../gateway/caller.ts'
import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { findTaggable, type TaggedType } from '../../storage/ram-tags.ts'
import { nameKey } from '../name-key.ts'
import { assertStoredName } from '../stored-name.ts'

/** Resources that one call may name. */
const MOST_RESOURCES = 50

const words = { user: 'User', role: 'Role', policy: 'Policy' } as const satisfies Record<TaggedType, string>

/**
 * The resources that a call names.
 *
 * @throws Problem missingParameter, invalidParameter, entityNotExist
 */
export async function findTagged(
  services: Pick<Services, 'db' | 'access'>,
  context: RequestContext,
  type: TaggedType,
  names: readonly string[],
): Promise<{ id: number; name: string }[]> {
  if (names.length === 0) throw new Problem('missingParameter', { P: 'ResourceNames' })
  if (names.length > MOST_RESOURCES) {
    throw new Problem('invalidParameter', { P: 'ResourceNames', rule: `At most ${MOST_RESOURCES} resources may be named.` })
  }
  const keys = [...new Set(names.map(nameKey))]
  const found = await findTaggable(services.db.read, context.caller.accountId, type, keys)
  if (found.length < keys.length) throw new Problem('entityNotExist', { P: words[type], what: type })
  const stored = new Map(found.map((one) => [one.name_key, one.name]))
  for (const given of names) await assertStoredName(services, context, { type, given, stored: stored.get(nameKey(given)) ?? given })
  return found
}
