import { defineWrite } from '../storage/write.ts'

// Leases run by the database's clock: the processes that share it need not agree on the time.
const DATABASE_NOW = `(extract(epoch from clock_timestamp()) * 1000)::bigint`

/**
 * Claims due orders for one process, PostgreSQL only: an order claimed here is passed over by every other process until the
 * lease ends. On SQLite there is one process, whose memory is the lease.
 */
export const claimOrders = defineWrite({
  async run(tx, input: { owner: string; now: number; leaseMs: number; limit: number }): Promise<number[]> {
    const { rows } = await tx.run(
      `update orders set lease_owner = ?, lease_until = ${DATABASE_NOW} + ?
       where id in (
         select id from orders where run_at <= ? and (lease_until is null or lease_until < ${DATABASE_NOW})
         order by run_at limit ? for update skip locked)
       returning id`,
      [input.owner, input.leaseMs, input.now, input.limit],
    )
    return rows.map(({ id }) => Number(id))
  },
})

/** Gives back what a stopping process has claimed and not finished. */
export const releaseOrders = defineWrite({
  async run(tx, input: { owner: string }): Promise<number> {
    tx.notify('due')
    const { changes } = await tx.run(`update orders set lease_owner = null, lease_until = null where lease_owner = ?`, [input.owner])
    return changes
  },
})
