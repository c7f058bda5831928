import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { findAuthorizationOfAny, listOpenOrdersOfAuthorization } from '../../storage/acme-orders.ts'
import type { Challenger } from './challenger-port.ts'
import { lookAtChallenge } from './look-at-challenge.ts'

/** A look that met a fault of ours is repeated after this, ms. */
const FAULT_DELAY_MS = 30_000

type ChallengerServices = Omit<Services, 'challenger'>

export function createChallenger(services: ChallengerServices): Challenger {
  const running = new Map<number, Promise<void>>()
  const stopping = new AbortController()

  async function run(authorizationId: number, signal: AbortSignal): Promise<void> {
    try {
      const authorization = await findAuthorizationOfAny(services.db.read, authorizationId)
      if (authorization?.state !== 'processing') return
      const outcome = await lookAtChallenge(services, authorization, signal)
      if (outcome === 'invalid') await endOrders(authorizationId, signal)
    } catch (error) {
      if (error instanceof Problem && error.problem === 'moved') return
      if (signal.aborted) return
      services.log.error({ authorizationId, err: error }, 'a challenge could not be looked at')
      await services.db.write
        .postponeChallenge({ authorizationId, runAt: services.clock() + FAULT_DELAY_MS })
        .catch((second: unknown) => services.log.error({ authorizationId, err: second }, 'a challenge could not be postponed'))
    }
  }

  /** What needs a failed authorization comes to nothing: its units go back at once. */
  async function endOrders(authorizationId: number, signal: AbortSignal): Promise<void> {
    const orders = await listOpenOrdersOfAuthorization(services.db.read, authorizationId)
    for (const orderId of orders) await services.advancer.advance(orderId, signal)
  }

  return {
    look(authorizationId, signal = stopping.signal) {
      let look = running.get(authorizationId)
      if (look === undefined) {
        look = run(authorizationId, signal === stopping.signal ? signal : AbortSignal.any([signal, stopping.signal])).finally(() =>
          running.delete(authorizationId),
        )
        running.set(authorizationId, look)
      }
      return look
    },
    async stop() {
      stopping.abort()
      await Promise.allSettled(running.values())
    },
  }
}
