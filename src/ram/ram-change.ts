import type { RequestContext } from '../gateway/caller.ts'
import type { Services } from '../services.ts'
import { originOf } from '../storage/events.ts'
import type { RamChange } from '../storage/ram-change.ts'

/** What a write of a change needs of its call. */
export async function prepareRamChange({ db, clock }: Pick<Services, 'db' | 'clock'>, context: RequestContext): Promise<RamChange> {
  return { caller: context.caller, origin: originOf(context), eventId: await db.nextId('events'), now: clock() }
}
