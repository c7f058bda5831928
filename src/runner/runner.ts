import type { Logger } from 'pino'
import type { Work } from './work.ts'

/** How many tasks run at once in a process. */
const CONCURRENCY = 64
/** Without any notice the runner looks again after this, ms: notices are hints, this is the guarantee. */
const POLL_MS = 2_000
/** A task is aborted after this; leases last longer. */
const TASK_TIMEOUT_MS = 55_000

export interface Runner {
  /** Something may be due: look now. */
  wake(): void
  /** Takes nothing more, aborts what runs, gives leases back. */
  stop(): Promise<void>
}

/** Takes due work of all kinds and runs it, until stopped. */
export function startRunner(options: { works: readonly Work[]; clock: () => number; log: Logger }): Runner {
  const { works, clock, log } = options
  const running = new Set<Promise<void>>()
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let wokenMeanwhile = false

  function wake(): void {
    if (stopping.signal.aborted) return
    if (looking !== undefined) {
      wokenMeanwhile = true
      return
    }
    clearTimeout(timer)
    looking = look().finally(() => {
      looking = undefined
      if (wokenMeanwhile) {
        wokenMeanwhile = false
        wake()
      }
    })
  }

  async function look(): Promise<void> {
    let next = clock() + POLL_MS
    try {
      for (const work of works) {
        for (const task of await work.take(CONCURRENCY - running.size)) start(work, task)
        next = Math.min(next, (await work.next()) ?? next)
      }
    } catch (error) {
      log.error({ err: error }, 'the runner could not look for due work')
    }
    if (stopping.signal.aborted) return
    timer = setTimeout(wake, Math.max(10, Math.min(next - clock(), POLL_MS)))
  }

  function start(work: Work, task: { id: string; run(signal: AbortSignal): Promise<void> }): void {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(TASK_TIMEOUT_MS)])
    const run = task
      .run(signal)
      .catch((error: unknown) => log.error({ err: error, work: work.name, id: task.id }, 'a task failed'))
      .finally(() => {
        running.delete(run)
        // A full house kept something waiting.
        if (running.size === CONCURRENCY - 1) wake()
      })
    running.add(run)
  }

  wake()
  return {
    wake,
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      await looking
      await Promise.allSettled(running)
      for (const work of works) await work.release()
    },
  }
}
