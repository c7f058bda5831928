import type { OrderRow } from '../storage/orders.ts'

/** Moves orders on, each at most once at a time in this process. Other processes are kept apart by revisions alone. */
export interface Advancer {
  /**
   * Does all steps that an order can do now. Joins a run of the same order that is under way.
   * Never throws: a fault is logged and the order looked at again later.
   */
  advance(orderId: number, signal: AbortSignal): Promise<void>
  /**
   * The same for a door, if the spacing of attempts allows: waits at most `patienceMs`, then leaves the rest to go on by itself.
   *
   * @returns false: there was nothing to do, and the order is as it was
   */
  nudge(order: Pick<OrderRow, 'id' | 'state' | 'attempts' | 'last_attempt_at' | 'run_at'>, patienceMs: number): Promise<boolean>
  /** Aborts what runs and waits for it. */
  stop(): Promise<void>
}
