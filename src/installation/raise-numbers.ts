import type { Services } from '../services.ts'
import { findInstallation } from '../storage/accounts.ts'

/** Raises ids and CRL numbers after a restoration; see the write of the same name. */
export async function raiseNumbers({ db, clock }: Pick<Services, 'db' | 'clock'>, backupAt: number | null): Promise<void> {
  const installation = await findInstallation(db.read)
  if (installation === undefined) throw new Error('there is no installation')
  await db.write.raiseNumbers({
    eventId: await db.nextId('events'),
    accountId: installation.root_account_id,
    now: clock(),
    backupAt,
  })
}
