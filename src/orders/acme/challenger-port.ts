/** Looks at chosen challenges, each at most once at a time in this process. Other processes are kept apart by the row's state. */
export interface Challenger {
  /** One look, and what follows from it. Joins one that is under way. Never throws: a fault is logged and the challenge looked at again later. */
  look(authorizationId: number, signal?: AbortSignal): Promise<void>
  /** Aborts what runs and waits for it. */
  stop(): Promise<void>
}
