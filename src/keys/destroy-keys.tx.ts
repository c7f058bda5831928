import { defineWrite } from '../storage/write.ts'

/** So many keys at once keep the write short. */
const BATCH = 200

/**
 * Destroys the keys whose time is over: the sealed octets are gone from the row, and SQLite overwrites them in the file.
 * Answers how many; a full batch means that more may follow.
 */
export const destroyKeys = defineWrite({
  async run(tx, input: { now: number }): Promise<{ destroyed: number; more: boolean }> {
    const { changes } = await tx.run(
      `update keys set sealed = null, destroyed_at = ?
       where id in (select id from keys where destroy_at <= ? and sealed is not null order by destroy_at limit ${BATCH})`,
      [input.now, input.now],
    )
    return { destroyed: changes, more: changes === BATCH }
  },
})
