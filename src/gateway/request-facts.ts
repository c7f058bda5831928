import type { Action } from './action.ts'
import type { RequestContext } from './caller.ts'

/** What is known of a request once it was answered; never a parameter or a secret. */
export interface RequestFacts {
  /** Absent if the call named no known action. */
  readonly action?: Pick<Action, 'name' | 'access'> | undefined
  /** Absent if nobody was authenticated. */
  readonly context?: RequestContext | undefined
  /** What the call was about, as permission saw it; absent if it did not get so far. */
  readonly resources?: readonly string[]
  readonly requestId: string
  /** The address of the client. */
  readonly sourceIp: string
  /** `OK`, the error code, or `ClientGone` if nobody was left to answer. */
  readonly code: string
  /** 0 if nobody was left to answer. */
  readonly status: number
  readonly ms: number
  /** Parameters that the action does not know and that were ignored. */
  readonly unknownParameters: number
}
