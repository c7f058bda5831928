import type { RequestContext } from '../gateway/caller.ts'
import type { Services } from '../services.ts'
import { originOf } from '../storage/events.ts'

/**
 * Deletes a CSR and destroys its key. Orders placed with it go on: they keep the CSR, and the certificate keeps the key that it was issued with.
 * An order that is issued later has no key here any more.
 *
 * @throws Problem notFoundContent, callerInactive
 */
export async function deleteCsr({ db, clock }: Pick<Services, 'db' | 'clock'>, context: RequestContext, csrId: number): Promise<void> {
  await db.write.deleteCsr({
    caller: context.caller,
    origin: originOf(context),
    eventId: await db.nextId('events'),
    now: clock(),
    csrId,
  })
}
