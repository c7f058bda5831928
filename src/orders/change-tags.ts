import type { RequestContext } from '../gateway/caller.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { originOf } from '../storage/events.ts'
import { findPermitted } from './permitted-resources.ts'
import { MOST_TAGS, type Tag } from './tags.ts'

/** A change of the tags of orders and uploaded certificates, by their wire names. */
export interface TagChange {
  readonly names: readonly string[]
  /** Put, in place of a tag of the same key. */
  readonly put: readonly Tag[]
  /** Keys that are taken away. */
  readonly remove: readonly string[] | 'all'
  /** RAM action. */
  readonly action: string
  /** Condition keys that the call itself answers. */
  readonly conditions?: Readonly<Record<string, string>>
}

/**
 * Changes the tags of all that are named, or of none.
 *
 * @throws Problem missingParameter, invalidParameter, noPermission, notFoundContent, limitExceeded, callerInactive
 */
export async function changeTags(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  { names, put, remove, action, conditions = {} }: TagChange,
): Promise<void> {
  const resources = await findPermitted(services, context, { names, action, conditions: () => conditions })
  if (resources.length === 0) throw new Problem('missingParameter', { P: 'ResourceId' })
  await services.db.write.changeTags({
    caller: context.caller,
    origin: originOf(context),
    eventId: await services.db.nextId('events'),
    now: services.clock(),
    resources: resources.map(({ kind, id }) => ({ kind, id })),
    put,
    remove,
    most: MOST_TAGS,
  })
}
