/** A limit on the time of one piece of work, inside the signal of a caller. */
export interface Deadline extends Disposable {
  /** Aborts when the time is over, and with the caller's signal. */
  readonly signal: AbortSignal
  /** True if it was the time that ended the work. */
  isOver(): boolean
}

/** Starts the time. One timer and one listener: `AbortSignal.any` with `AbortSignal.timeout` costs several times as much. */
export function startDeadline(ms: number, outer: AbortSignal): Deadline {
  const controller = new AbortController()
  let over = false
  const end = () => controller.abort(outer.reason)
  const timer = setTimeout(() => {
    if (controller.signal.aborted) return
    over = true
    controller.abort(new Error(`not done within ${ms} ms`))
  }, ms)
  if (outer.aborted) end()
  else outer.addEventListener('abort', end, { once: true })
  return {
    signal: controller.signal,
    isOver: () => over,
    [Symbol.dispose]() {
      clearTimeout(timer)
      outer.removeEventListener('abort', end)
    },
  }
}
