import { defineWrite } from '../storage/write.ts'

const BATCH = 200

/**
 * Deletes source addresses of events before an instant, and their salts: there are so few addresses that a hash with its salt gives one away.
 */
export const forgetSources = defineWrite({
  async run(tx, input: { before: number }): Promise<{ more: boolean }> {
    const { changes } = await tx.run(
      `update events set source_ip = null, source_salt = null where id in
         (select id from events where source_ip is not null and at < ? and log_index is not null order by at limit ${BATCH})`,
      [input.before],
    )
    return { more: changes === BATCH }
  },
})
