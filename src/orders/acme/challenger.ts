import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { findAuthorizationOfAny, listOpenOrdersOfAuthorization, type OrderAuthorizationRow } from '../../storage/acme-orders.ts'
import { originOf } from '../../storage/events.ts'
import type { ChallengeChoice, Challenger } from './challenger-port.ts'
import { lookAtChallenge, recordLook } from './look-at-challenge.ts'
import { waitAtMost } from '../wait-at-most.ts'

/** A first look that has taken so long is put down as begun, ms: until then choice and look are one write. */
const BEGUN_AFTER_MS = 1_000
/** A look that met a fault of ours, or whose process died, is repeated after this, ms. */
const TAKE_OVER_MS = 30_000

type ChallengerServices = Omit<Services, 'challenger'>

export function createChallenger(services: ChallengerServices): Challenger {
  const { db, clock, log } = services
  const running = new Map<number, Promise<OrderAuthorizationRow | undefined>>()
  const stopping = new AbortController()

  async function lookFirst(pending: OrderAuthorizationRow, choice: ChallengeChoice): Promise<OrderAuthorizationRow | undefined> {
    const { signal } = stopping
    const chosen = { ...pending, method: choice.method, thumbprint: choice.caller.thumbprint }
    const looking = lookAtChallenge(services, chosen, signal)
    // Nobody waits for it if another one was first meanwhile.
    looking.catch(() => undefined)
    let isBegun = false
    const begin = async () => {
      await storeBegun(chosen, choice)
      isBegun = true
    }
    try {
      const attempt = await waitAtMost(BEGUN_AFTER_MS, looking).catch(async (error: unknown) => {
        await begin()
        throw error
      })
      if (attempt !== undefined) return await follow(await recordLook(services, chosen, attempt, choice), signal)
      await begin()
      return await follow(await recordLook(services, chosen, await looking, undefined), signal)
    } catch (error) {
      if (error instanceof Problem) {
        if (error.problem === 'moved') return undefined
        if (!isBegun) throw error
      }
      return await putOff(chosen.id, error, signal)
    }
  }

  /** Should this process die, another one looks. */
  async function storeBegun({ id, method, thumbprint }: OrderAuthorizationRow, { caller }: ChallengeChoice): Promise<void> {
    const now = clock()
    await db.write.startChallenge({
      authorizationId: id,
      caller: caller.context.caller,
      acmeAccountId: caller.acmeAccountId,
      thumbprint: thumbprint ?? '',
      method: method ?? '',
      eventId: await db.nextId('events'),
      origin: originOf(caller.context),
      runAt: now + TAKE_OVER_MS,
      now,
    })
  }

  async function lookAgain(authorizationId: number, signal: AbortSignal): Promise<OrderAuthorizationRow | undefined> {
    try {
      const chosen = await findAuthorizationOfAny(db.read, authorizationId)
      if (chosen?.state !== 'processing') return undefined
      return await follow(await recordLook(services, chosen, await lookAtChallenge(services, chosen, signal), undefined), signal)
    } catch (error) {
      if (error instanceof Problem && error.problem === 'moved') return undefined
      return await putOff(authorizationId, error, signal)
    }
  }

  async function putOff(authorizationId: number, error: unknown, signal: AbortSignal): Promise<undefined> {
    if (signal.aborted) return
    log.error({ authorizationId, err: error }, 'a challenge could not be looked at')
    await db.write
      .postponeChallenge({ authorizationId, runAt: clock() + TAKE_OVER_MS })
      .catch((second: unknown) => log.error({ authorizationId, err: second }, 'a challenge could not be postponed'))
  }

  /** What needs a failed authorization comes to nothing: its units go back at once. */
  async function follow(looked: OrderAuthorizationRow, signal: AbortSignal): Promise<OrderAuthorizationRow> {
    if (looked.state !== 'invalid') return looked
    const orders = await listOpenOrdersOfAuthorization(db.read, looked.id)
    for (const orderId of orders) await services.advancer.advance(orderId, signal)
    return looked
  }

  function join(id: number, run: () => Promise<OrderAuthorizationRow | undefined>): Promise<OrderAuthorizationRow | undefined> {
    let look = running.get(id)
    if (look === undefined) {
      look = run().finally(() => running.delete(id))
      running.set(id, look)
    }
    return look
  }

  return {
    choose: (pending, choice) => join(pending.id, () => lookFirst(pending, choice)),
    async look(id, signal = stopping.signal) {
      const both = signal === stopping.signal ? signal : AbortSignal.any([signal, stopping.signal])
      // What a first look is refused with is told to those who chose it.
      await join(id, () => lookAgain(id, both)).catch(() => undefined)
    },
    async stop() {
      stopping.abort()
      await Promise.allSettled(running.values())
    },
  }
}
