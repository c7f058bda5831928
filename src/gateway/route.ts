import { Problem } from '../problem.ts'
import { isAcs3 } from './acs3.ts'
import type { Action } from './action.ts'
import type { Call } from './authenticator.ts'

/** Actions by version and name. */
export type Routes = ReadonlyMap<string, ReadonlyMap<string, Action>>

/** Indexes actions; two of one name and version are a bug. */
export function buildRoutes(actions: readonly Action[]): Routes {
  const routes = new Map<string, Map<string, Action>>()
  for (const action of actions) {
    const named = routes.get(action.version) ?? new Map<string, Action>()
    if (named.has(action.name)) throw new Error(`action ${action.name} of ${action.version} is listed twice`)
    named.set(action.name, action)
    routes.set(action.version, named)
  }
  return routes
}

/**
 * Finds the action that a call names: ACS3 names it in headers, RPC V1 in parameters. RPC V1 clients send the headers too, unsigned:
 * they count only for a call that carries no credentials at all, which is refused later.
 *
 * @throws Problem missingParameter, invalidVersion, invalidAction
 */
export function route(routes: Routes, call: Call): Action {
  const { headers, parameters } = call
  const byHeader = isAcs3(call) || !(parameters.get('Signature') || parameters.get('AccessKeyId') || parameters.get('Action'))
  const name = byHeader ? headers.get('x-acs-action') : parameters.get('Action')
  const version = byHeader ? headers.get('x-acs-version') : parameters.get('Version')
  if (!name) throw new Problem('missingParameter', { P: 'Action' })
  if (!version) throw new Problem('missingParameter', { P: 'Version' })
  const named = routes.get(version)
  if (named === undefined) throw new Problem('invalidVersion')
  const action = named.get(name)
  if (action === undefined) throw new Problem('invalidAction')
  return action
}
