import { defineWrite } from '../../storage/write.ts'

/** Gives the share of a stopping process to the others. */
export const leaveLimits = defineWrite({
  async run(tx, { processId }: { processId: string }): Promise<void> {
    await tx.run(`delete from limit_shares where process_id = ?`, [processId])
  },
})
