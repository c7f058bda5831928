import { sequences } from '../storage/database.ts'
import { insertEvent, SERVICE_ORIGIN } from '../storage/events.ts'
import { FIRST_ID } from '../storage/take-ids.tx.ts'
import { defineWrite } from '../storage/write.ts'

/** More ids than any process gives out between a backup and its restoration. */
export const ID_STEP = 100_000_000
/** More CRLs than are signed meanwhile. */
const CRL_STEP = 1_000_000

/**
 * After a restoration: raises what counts upwards, so that no id and no CRL number that was given out after the backup is given
 * out again, and makes all CRLs due.
 */
export const raiseNumbers = defineWrite({
  async run(tx, input: { eventId: number; accountId: number; now: number; backupAt: number | null }): Promise<void> {
    tx.notify('due')
    await Promise.all([
      // A sequence that was not used before the backup has no row yet, and may have been used after it.
      ...sequences.map((sequence) =>
        tx.run(`insert into counters (name, next) values (?, ?) on conflict (name) do update set next = counters.next + ?`, [
          sequence,
          FIRST_ID + ID_STEP,
          ID_STEP,
        ]),
      ),
      tx.run(`update crls set number = number + ?, run_at = ? where run_at is not null`, [CRL_STEP, input.now]),
      tx.run(`update crls set number = number + ? where run_at is null`, [CRL_STEP]),
      // What a process of the time of the backup had claimed belongs to nobody now.
      tx.run(`update orders set lease_owner = null, lease_until = null where lease_owner is not null`, []),
      insertEvent(tx, {
        id: input.eventId,
        accountId: input.accountId,
        at: input.now,
        kind: 'installation.restored',
        origin: SERVICE_ORIGIN,
        resource: `account/${input.accountId}`,
        detail: { backupAt: input.backupAt },
      }),
    ])
  },
})
