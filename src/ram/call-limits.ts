import type { Action } from '../gateway/action.ts'
import type { Caller } from '../gateway/caller.ts'
import { callRates } from './limits/call-rates.ts'
import { createGcra, type Rate } from './limits/gcra.ts'
import { sourceKey } from './limits/source-key.ts'

/** Limits of calls. Each method answers at once, from memory. */
export interface CallLimits {
  /**
   * Counts one call of a principal.
   *
   * @returns undefined, or after how many ms to try again: the call is refused
   */
  admit(caller: Caller, action: Pick<Action, 'name'>, sourceIp: string): number | undefined
  /** Whether an address may try to authenticate, after what failed from it: as {@link admit}. */
  admitAddress(sourceIp: string): number | undefined
  /** Counts a call from this address whose key, token or signature was wrong. */
  countFailure(sourceIp: string): void
}

export interface CallLimitOptions {
  /** Calls a second of one principal and action, where the original states none. */
  readonly perSecond: number
  /** The operator's own, by action. */
  readonly rates: ReadonlyMap<string, number>
  /** Failed authentications a minute of one source. */
  readonly failuresPerMinute: number
  /** The part of each limit that this process may spend, over 0 and at most 1. */
  readonly share: () => number
  /** Told of each call, whether it passes or not. */
  readonly onCall?: () => void
  readonly clock: () => number
}

const MOST_PRINCIPALS = 100_000
const MOST_SOURCES = 100_000
/** A source may fail so often at once, in parts of its minute. */
const FAILURE_BURST = 1 / 3

/** Limits each principal in each action, and each source address in what fails. */
export function createCallLimits(options: CallLimitOptions): CallLimits {
  const calls = createGcra(MOST_PRINCIPALS, options.clock)
  const failures = createGcra(MOST_SOURCES, options.clock)
  const failureRate: Rate = {
    perSecond: options.failuresPerMinute / 60,
    burst: Math.max(1, Math.round(options.failuresPerMinute * FAILURE_BURST)),
  }

  return {
    admit(caller, action, sourceIp) {
      options.onCall?.()
      const limit = options.rates.get(action.name) ?? callRates.get(action.name) ?? options.perSecond
      const perSecond = limit * options.share()
      // One second's worth at once.
      return calls.take(`${principalKey(caller, sourceIp)} ${action.name}`, { perSecond, burst: Math.max(1, perSecond) })
    },
    admitAddress: (sourceIp) => failures.look(sourceKey(sourceIp), failureRate),
    countFailure: (sourceIp) => failures.charge(sourceKey(sourceIp), failureRate),
  }
}

/** Keys of one user count together, and so do the sessions of one role. Who has no key is counted by where he is. */
function principalKey({ accountId, identity }: Caller, sourceIp: string): string {
  switch (identity.kind) {
    case 'account':
      return `${accountId}`
    case 'user':
      return `${accountId}u${identity.userId}`
    case 'session':
      return `${accountId}r${identity.roleId}`
    case 'anonymous':
      return sourceKey(sourceIp)
  }
}
