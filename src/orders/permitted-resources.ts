import type { RequestContext } from '../gateway/caller.ts'
import { Problem } from '../problem.ts'
import type { AccessRequest } from '../ram/access-control.ts'
import type { Services } from '../services.ts'
import { findNamedResources, type NamedResource } from './named-resources.ts'

/** Resources that one call may name. */
export const MOST_RESOURCES = 50

/**
 * What the names of a call stand for, all of it existing, and the caller allowed to all of it. A policy sees `order/<id>` or `certificate/<id>`,
 * and `instance/<name>` for a name that stands for nothing: who may do nothing learns nothing.
 *
 * @throws Problem invalidParameter, noPermission, notFoundContent
 */
export async function findPermitted(
  services: Pick<Services, 'db' | 'access'>,
  context: RequestContext,
  ask: Pick<AccessRequest, 'action' | 'conditions'> & { readonly names: readonly string[] },
): Promise<readonly NamedResource[]> {
  const { names, action, conditions } = ask
  if (names.length > MOST_RESOURCES) {
    throw new Problem('invalidParameter', { P: 'ResourceId', rule: `At most ${MOST_RESOURCES} resources may be named.` })
  }
  const { found, unknown } = await findNamedResources(services, context.caller.accountId, names)
  await services.access.assertAllowed(context, {
    action,
    resources: [...found.map(({ kind, id }) => `${kind}/${id}`), ...unknown.map((name) => `instance/${name}`)],
    ...(conditions && { conditions }),
  })
  if (unknown.length > 0) throw new Problem('notFoundContent', { what: 'resource' })
  return found
}
