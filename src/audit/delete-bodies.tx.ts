import { defineWrite } from '../storage/write.ts'

const BATCH = 200

/** Deletes bodies of events that were announced to go; their hashes stay in the tiles of the log. */
export const deleteBodies = defineWrite({
  async run(tx, _input: Record<string, never>): Promise<{ more: boolean }> {
    const { changes } = await tx.run(
      `delete from events where id in
         (select id from events where log_index < (select deleted_before from audit_log) order by log_index limit ${BATCH})`,
      [],
    )
    return { more: changes === BATCH }
  },
})
