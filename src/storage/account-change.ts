import { Problem } from '../problem.ts'
import { lockAccount, selectActiveCaller, type WritingCaller } from './accounts.ts'
import { type EventKind, insertEvent, type NewEvent, type Origin } from './events.ts'
import type { StatementResult, Tx } from './write.ts'

/** Who changes something of an account, and when. */
export interface AccountChange {
  readonly caller: WritingCaller
  readonly origin: Origin
  readonly eventId: number
  readonly now: number
}

/**
 * Issues what a change begins with whose limits are counted in the write: changes of one account follow each other, the caller is active.
 *
 * @returns to be awaited with the rest; throws Problem callerInactive
 */
export async function beginAccountChange(tx: Tx, { caller }: AccountChange): Promise<void> {
  const [, active] = await Promise.all([lockAccount(tx, caller.accountId), selectActiveCaller(tx, caller)])
  if (active.rows.length === 0) throw new Problem('callerInactive')
}

/** Issues the statement that puts a change on record. */
export function recordAccountChange(
  tx: Tx,
  { caller, origin, eventId, now }: AccountChange,
  event: { readonly kind: EventKind; readonly resource: string; readonly detail?: NewEvent['detail'] },
): Promise<StatementResult> {
  return insertEvent(tx, { id: eventId, accountId: caller.accountId, at: now, origin, detail: {}, ...event })
}
