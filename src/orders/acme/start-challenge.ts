import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { originOf } from '../../storage/events.ts'
import { loadAuthorization, showAuthorization } from './show-order.ts'
import type { AcmeCaller } from './acme-caller.ts'
import { type AuthorizationView, challengeTypes, type ChallengeType, viewAuthorization } from './views.ts'

/** The answer waits so long for the first look, ms: most clients need not ask again then. */
const PATIENCE_MS = 2_000
/** If the process that started it dies, the runner looks after this, ms. */
const TAKE_OVER_MS = 30_000

type StartServices = Pick<Services, 'db' | 'clock' | 'challenger'>

/**
 * Chooses a challenge and looks at it (RFC 8555 section 7.5.1). A challenge that was chosen already is not started again.
 *
 * @throws Problem notFoundAuthorization, also for a type that the identifier does not have; authorizationEnded; callerInactive
 */
export async function startChallenge(
  services: StartServices,
  caller: AcmeCaller,
  authorizationId: number,
  type: string,
): Promise<AuthorizationView> {
  const { db, clock, challenger } = services
  const authorization = await loadAuthorization(services, caller, authorizationId)
  const view = viewAuthorization(authorization, clock())
  const chosen = challengeTypes(authorization.identifier).find((known) => known === type)
  if (chosen === undefined || !view.challenges.some((challenge) => challenge.type === chosen)) throw new Problem('notFoundAuthorization')
  if (authorization.state === 'valid' || authorization.state === 'invalid') return view
  if (view.status !== 'pending') throw new Problem('authorizationEnded', { status: view.status })
  if (authorization.state === 'pending') await start(services, caller, authorizationId, chosen)
  await waitAtMost(PATIENCE_MS, challenger.look(authorizationId))
  return await showAuthorization({ db, clock }, caller, authorizationId)
}

async function start({ db, clock }: StartServices, caller: AcmeCaller, authorizationId: number, method: ChallengeType): Promise<void> {
  const now = clock()
  try {
    await db.write.startChallenge({
      authorizationId,
      caller: caller.context.caller,
      acmeAccountId: caller.acmeAccountId,
      thumbprint: caller.thumbprint,
      method,
      eventId: await db.nextId('events'),
      origin: originOf(caller.context),
      runAt: now + TAKE_OVER_MS,
      now,
    })
  } catch (error) {
    // Chosen meanwhile: the one that was first is looked at.
    if (!(error instanceof Problem) || error.problem !== 'moved') throw error
  }
}

async function waitAtMost(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, patience])
  clearTimeout(timer)
}
