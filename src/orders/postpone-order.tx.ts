import { defineWrite } from '../storage/write.ts'

/** Looks at an order again later, after a step that could not be finished. Changes nothing if another step was first. */
export const postponeOrder = defineWrite({
  async run(tx, input: { orderId: number; rev: number; runAt: number }): Promise<void> {
    await tx.run(`update orders set run_at = ?, lease_owner = null, lease_until = null where id = ? and rev = ? and run_at is not null`, [
      input.runAt,
      input.orderId,
      input.rev,
    ])
  },
})
