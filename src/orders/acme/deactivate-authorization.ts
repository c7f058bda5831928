import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { listOpenOrdersOfAuthorization } from '../../storage/acme-orders.ts'
import { originOf } from '../../storage/events.ts'
import type { AcmeCaller } from './acme-caller.ts'
import { loadAuthorization, showAuthorization } from './show-order.ts'
import type { AuthorizationView } from './views.ts'

/**
 * Gives an authorization up (RFC 8555 section 7.5.2): its proof counts no more for this account, whatever else rests on it, and open orders
 * that need it come to nothing.
 *
 * @throws Problem notFoundAuthorization, authorizationEnded, callerInactive
 */
export async function deactivateAuthorization(
  services: Pick<Services, 'db' | 'clock' | 'advancer'>,
  caller: AcmeCaller,
  authorizationId: number,
): Promise<AuthorizationView> {
  const { db, clock, advancer } = services
  const { state } = await loadAuthorization(services, caller, authorizationId)
  if (state === 'invalid') throw new Problem('authorizationEnded', { status: state })
  if (state !== 'deactivated') {
    try {
      await db.write.deactivateAuthorization({
        authorizationId,
        acmeAccountId: caller.acmeAccountId,
        caller: caller.context.caller,
        origin: originOf(caller.context),
        eventId: await db.nextId('events'),
        now: clock(),
      })
    } catch (error) {
      if (!(error instanceof Problem) || error.problem !== 'moved') throw error
    }
    const signal = AbortSignal.timeout(10_000)
    for (const orderId of await listOpenOrdersOfAuthorization(db.read, authorizationId)) await advancer.advance(orderId, signal)
  }
  return await showAuthorization(services, caller, authorizationId)
}
