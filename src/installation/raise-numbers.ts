import type { Services } from '../services.ts'
import { findInstallation } from '../storage/accounts.ts'
import { ID_STEP } from './raise-numbers.tx.ts'

/** Raises ids and CRL numbers after a restoration; see the write of the same name. */
export async function raiseNumbers({ db, clock }: Pick<Services, 'db' | 'clock'>, backupAt: number | null): Promise<void> {
  const installation = await findInstallation(db.read)
  if (installation === undefined) throw new Error('there is no installation')
  await db.write.raiseNumbers({
    // Inside the raised range, where no id was given out and none will be: a process after the backup may have used the plain one.
    eventId: (await db.nextId('events')) + ID_STEP,
    accountId: installation.root_account_id,
    now: clock(),
    backupAt,
  })
}
