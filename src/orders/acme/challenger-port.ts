import type { OrderAuthorizationRow } from '../../storage/acme-orders.ts'
import type { AcmeCaller } from './acme-caller.ts'
import type { ChallengeType } from './views.ts'

/** A challenge that an ACME account chooses. */
export interface ChallengeChoice {
  readonly caller: AcmeCaller
  readonly method: ChallengeType
}

/** Looks at challenges, each at most once at a time in this process. Other processes are kept apart by the row's state. */
export interface Challenger {
  /**
   * The first look at a pending authorization. It joins one that is under way, whatever that one chose.
   *
   * @returns the authorization as it is then; undefined if somebody else was first, or nobody knows yet
   * @throws Problem callerInactive, serviceUnavailable: nothing was chosen
   */
  choose(authorization: OrderAuthorizationRow, choice: ChallengeChoice): Promise<OrderAuthorizationRow | undefined>
  /** One look at a chosen challenge, and what follows from it. Never throws: a fault is logged and the challenge looked at again later. */
  look(authorizationId: number, signal?: AbortSignal): Promise<void>
  /** Aborts what runs and waits for it. */
  stop(): Promise<void>
}
