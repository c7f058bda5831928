import type { Services } from '../services.ts'
import { findInstallation } from '../storage/accounts.ts'
import { ID_STEP } from './raise-numbers.tx.ts'

/** Raises ids and CRL numbers after a restoration; see the write of the same name. */
export async function raiseNumbers({ db, clock }: Pick<Services, 'db' | 'clock'>, backupAt: number | null): Promise<void> {
  const installation = await findInstallation(db.read)
  if (installation === undefined) throw new Error('there is no installation')
  // Read, not taken: a block of ids taken now lies below what is raised, and this process would go on to give out the rest of it.
  const events = await db.read.selectFrom('counters').select('next').where('name', '=', 'events').executeTakeFirstOrThrow()
  await db.write.raiseNumbers({
    // The last one of the raised range, where no id was given out and none will be.
    eventId: events.next + ID_STEP - 1,
    accountId: installation.root_account_id,
    now: clock(),
    backupAt,
  })
}
