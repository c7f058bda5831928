/** What validation needs of an `AbortSignal`: that itself, or the signal of a {@link Deadline}, which costs a fraction of it. */
export interface StopSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** A limit on the time of one piece of work, inside the signal of a caller. */
export interface Deadline extends Disposable {
  /** Aborts when the time is over, and with the caller's signal. */
  readonly signal: StopSignal
  /** True if it was the time that ended the work. */
  isOver(): boolean
}

/** Starts the time. */
export function startDeadline(ms: number, outer: StopSignal): Deadline {
  const { signal, abort } = openSignal()
  let over = false
  const followOuter = () => abort(outer.reason)
  const timer = setTimeout(() => {
    if (signal.aborted) return
    over = true
    abort(new Error(`not done within ${ms} ms`))
  }, ms)
  if (outer.aborted) followOuter()
  else outer.addEventListener('abort', followOuter, { once: true })
  return {
    signal,
    isOver: () => over,
    [Symbol.dispose]() {
      clearTimeout(timer)
      outer.removeEventListener('abort', followOuter)
    },
  }
}

/** A signal that knows one event and few listeners. */
function openSignal(): { signal: StopSignal; abort: (reason: unknown) => void } {
  const listeners: (() => void)[] = []
  const signal = {
    aborted: false,
    reason: undefined as unknown,
    throwIfAborted() {
      if (signal.aborted) throw signal.reason
    },
    addEventListener(_type: 'abort', listener: () => void) {
      listeners.push(listener)
    },
    removeEventListener(_type: 'abort', listener: () => void) {
      const index = listeners.indexOf(listener)
      if (index !== -1) listeners.splice(index, 1)
    },
  }
  const abort = (reason: unknown) => {
    if (signal.aborted) return
    signal.aborted = true
    signal.reason = reason
    for (let listener = listeners.shift(); listener !== undefined; listener = listeners.shift()) listener()
  }
  return { signal, abort }
}
