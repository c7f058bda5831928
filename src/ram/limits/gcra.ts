/** A rate with its burst. */
export interface Rate {
  /** Over zero; may be a fraction. */
  readonly perSecond: number
  /** Calls at once after a quiet time; at least 1. */
  readonly burst: number
}

/** Limits by key, in memory: the generic cell rate algorithm (ITU-T I.371). One number a key says when its next call is due. */
export interface Gcra {
  /**
   * Counts one call.
   *
   * @returns undefined, or after how many ms the next one would pass; a refused call costs nothing
   */
  take(key: string, rate: Rate): number | undefined
  /** After how many ms the next call would pass; counts nothing. */
  look(key: string, rate: Rate): number | undefined
  /** Counts one call that cannot be refused any more. */
  charge(key: string, rate: Rate): void
}

/**
 * @param mostKeys when there are more, the one that was used longest ago is forgotten, as if it had been quiet
 * @param clock ms; one that is set back gives nothing and takes nothing
 */
export function createGcra(mostKeys: number, clock: () => number): Gcra {
  // The theoretical arrival time of the next call, ms, the least recently used key first.
  const due = new Map<string, number>()
  let latest = Number.NEGATIVE_INFINITY

  function now(): number {
    latest = Math.max(latest, clock())
    return latest
  }

  function waitOf(arrival: number, at: number, { perSecond, burst }: Rate): number {
    // Rounding must not refuse the last call of a burst.
    return arrival - at - ((burst - 1) * 1000) / perSecond - 1e-6
  }

  function put(key: string, arrival: number): void {
    due.delete(key)
    if (due.size >= mostKeys) for (const oldest of due.keys()) if (due.delete(oldest)) break
    due.set(key, arrival)
  }

  return {
    take(key, rate) {
      const at = now()
      const arrival = Math.max(due.get(key) ?? at, at)
      const wait = waitOf(arrival, at, rate)
      if (wait > 0) return wait
      put(key, arrival + 1000 / rate.perSecond)
      return undefined
    },
    look(key, rate) {
      const at = now()
      const wait = waitOf(due.get(key) ?? at, at, rate)
      return wait > 0 ? wait : undefined
    },
    charge(key, rate) {
      const at = now()
      // Never further ahead than one more than the burst: what was refused meanwhile does not make the wait longer.
      const furthest = at + (rate.burst * 1000) / rate.perSecond
      put(key, Math.min(Math.max(due.get(key) ?? at, at) + 1000 / rate.perSecond, furthest))
    },
  }
}
