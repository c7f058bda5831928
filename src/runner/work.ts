/** One kind of work that the runner does: rows with a `run_at`. Each is done at least once, and safe to repeat. */
export interface Work {
  readonly name: string
  /** Takes what is due, as functions to run. What it took is not given again while it runs. */
  take(limit: number): Promise<readonly Task[]>
  /** When something will be due next, ms; undefined: nothing is planned. */
  next(): Promise<number | undefined>
  /** Gives back what was taken and not finished. */
  release(): Promise<void>
}

export interface Task {
  readonly id: string
  run(signal: AbortSignal): Promise<void>
}
