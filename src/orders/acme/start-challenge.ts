import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { loadAuthorization, showAuthorization } from './show-order.ts'
import type { AcmeCaller } from './acme-caller.ts'
import { type AuthorizationView, challengeTypes, viewAuthorization } from './views.ts'
import { waitAtMost } from '../wait-at-most.ts'

/** The answer waits so long for the first look, ms: most clients need not ask again then. */
const PATIENCE_MS = 2_000

/**
 * Chooses a challenge and looks at it (RFC 8555 section 7.5.1). A challenge that was chosen already is not started again.
 *
 * @throws Problem notFoundAuthorization, also for a type that the identifier does not have; authorizationEnded; callerInactive
 */
export async function startChallenge(
  services: Pick<Services, 'db' | 'clock' | 'challenger'>,
  caller: AcmeCaller,
  authorizationId: number,
  type: string,
): Promise<AuthorizationView> {
  const { clock, challenger } = services
  const authorization = await loadAuthorization(services, caller, authorizationId)
  const view = viewAuthorization(authorization, clock())
  const method = challengeTypes(authorization.identifier).find((known) => known === type)
  if (method === undefined || !view.challenges.some((challenge) => challenge.type === method)) throw new Problem('notFoundAuthorization')
  if (authorization.state === 'valid' || authorization.state === 'invalid') return view
  if (view.status !== 'pending') throw new Problem('authorizationEnded', { status: view.status })
  const look =
    authorization.state === 'pending'
      ? challenger.choose(authorization, { caller, method })
      : challenger.look(authorizationId).then(() => undefined)
  const looked = await waitAtMost(PATIENCE_MS, look)
  return looked === undefined ? await showAuthorization(services, caller, authorizationId) : viewAuthorization(looked, clock())
}
