import type { Logger } from 'pino'
import type { Services } from '../../services.ts'

/** The part of each limit that one of several processes may spend. */
export interface LimitShare {
  /** Over 0 and at most 1; from memory. */
  current(): number
  /** A call came in, whether it passed or not: who is asked more gets more. */
  countCall(): void
  stop(): Promise<void>
}

const BEAT_MS = 1_000
/** This part is shared out evenly, so that a quiet process can begin at once; the rest follows the demand. */
const EVEN_PART = 0.2
/** Several processes leave this part to nobody: they see each other's figures up to a second late, and what they spend meanwhile adds up to more. */
const RESERVE = 0.05
/** How much of the last second counts in the demand: sudden changes of all processes must not add up to more than the limit. */
const SMOOTHING = 0.5

/** A single process spends everything. */
export const wholeShare: LimitShare = { current: () => 1, countCall: () => {}, stop: () => Promise.resolve() }

/**
 * Leases a share of the limits, renewed each second: processes tell each other through the database how much they are asked, and divide. Calls
 * never wait for it. A process whose renewal fails keeps what it had; the others divide its part five seconds later.
 */
export async function openLimitShare(
  { db, sealer, log }: Pick<Services, 'db' | 'sealer'> & { readonly log: Logger },
  processId: string,
): Promise<LimitShare> {
  let calls = 0
  let demand = 0
  let share = 1

  async function beat(): Promise<void> {
    demand = SMOOTHING * calls + (1 - SMOOTHING) * demand
    calls = 0
    const asked = Math.round(demand * 1000)
    share = divide(asked, await db.write.beatLimits({ processId, asked, masterKeys: sealer.held().join(' ') }))
  }

  // Before the first call: whoever comes new takes only what is left to it.
  await beat()
  let running: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    running = beat().catch((error: unknown) => log.warn({ err: error }, 'the share of call limits could not be renewed'))
  }, BEAT_MS)
  timer.unref()

  return {
    current: () => share,
    countCall() {
      calls += 1
    },
    async stop() {
      clearInterval(timer)
      await running
      await db.write.leaveLimits({ processId })
    },
  }
}

/** The part of one of so many processes. The parts of all that see the same figures add up to 1, less the reserve. */
export function divide(own: number, all: { readonly processes: number; readonly asked: number }): number {
  if (all.processes === 1) return 1
  // Without any demand everybody has the same.
  const byDemand = all.asked === 0 ? 1 / all.processes : own / all.asked
  return (1 - RESERVE) * (EVEN_PART / all.processes + (1 - EVEN_PART) * byDemand)
}
