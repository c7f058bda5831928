import type { RequestContext } from '../gateway/caller.ts'
import type { Services } from '../services.ts'
import type { AccountChange } from '../storage/account-change.ts'
import { originOf } from '../storage/events.ts'

/** What a write of a change needs of its call. */
export async function prepareChange({ db, clock }: Pick<Services, 'db' | 'clock'>, context: RequestContext): Promise<AccountChange> {
  return { caller: context.caller, origin: originOf(context), eventId: await db.nextId('events'), now: clock() }
}
