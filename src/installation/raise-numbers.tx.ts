import { insertEvent, SERVICE_PRINCIPAL } from '../storage/events.ts'
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
      tx.run(`update counters set next = next + ?`, [ID_STEP]),
      tx.run(`update crls set number = number + ?, run_at = case when run_at is null then null else ? end`, [CRL_STEP, input.now]),
      // What a process of the time of the backup had claimed belongs to nobody now.
      tx.run(`update orders set lease_owner = null, lease_until = null where lease_owner is not null`, []),
      insertEvent(tx, {
        id: input.eventId,
        accountId: input.accountId,
        at: input.now,
        kind: 'installation.restored',
        principal: SERVICE_PRINCIPAL,
        sourceIp: null,
        requestId: null,
        resource: `account/${input.accountId}`,
        detail: { backupAt: input.backupAt },
      }),
    ])
  },
})
