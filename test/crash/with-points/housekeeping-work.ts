import { housekeepingWork as real } from '../../../src/runner/housekeeping-work.ts'

const PERIOD_MS = 60_000

/** The housekeeping, due at once: no life here lasts until its first time. */
export function housekeepingWork(services: Parameters<typeof real>[0]): ReturnType<typeof real> {
  let started = false
  const clock = (): number => {
    const now = services.clock()
    if (started) return now
    started = true
    return now - PERIOD_MS
  }
  return real({ ...services, clock })
}
