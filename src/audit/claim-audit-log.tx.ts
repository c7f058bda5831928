import { defineWrite } from '../storage/write.ts'

// Leases run by the database's clock, as those of orders.
const DATABASE_NOW = `(extract(epoch from clock_timestamp()) * 1000)::bigint`

/** Claims or keeps the log for one process, PostgreSQL only; false: another one seals. Correctness rests on the size, not on this. */
export const claimAuditLog = defineWrite({
  async run(tx, input: { owner: string; leaseMs: number }): Promise<boolean> {
    const { changes } = await tx.run(
      `update audit_log set lease_owner = ?, lease_until = ${DATABASE_NOW} + ?
        where id = 1 and (lease_owner is null or lease_owner = ? or lease_until < ${DATABASE_NOW})`,
      [input.owner, input.leaseMs, input.owner],
    )
    return changes > 0
  },
})
