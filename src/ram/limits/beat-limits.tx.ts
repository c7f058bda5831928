import { defineWrite } from '../../storage/write.ts'

// Processes need not agree on the time: they use the database's.
const NOW = `(extract(epoch from clock_timestamp()) * 1000)::bigint`
/** A process that was not heard of for so long has ended, ms. */
const LIFE_MS = 5_000

/** Tells how much one process is asked and which master keys it holds, PostgreSQL only, and sums up all that live. */
export const beatLimits = defineWrite({
  async run(tx, input: { processId: string; asked: number; masterKeys: string }): Promise<{ processes: number; asked: number }> {
    const [, , { rows }] = await Promise.all([
      tx.run(
        `insert into limit_shares (process_id, asked, master_keys, seen_at) values (?, ?, ?, ${NOW})
         on conflict (process_id) do update set asked = excluded.asked, master_keys = excluded.master_keys, seen_at = excluded.seen_at`,
        [input.processId, input.asked, input.masterKeys],
      ),
      tx.run(`delete from limit_shares where seen_at < ${NOW} - ?`, [LIFE_MS]),
      tx.run(`select count(*) as processes, sum(asked) as asked from limit_shares where seen_at >= ${NOW} - ?`, [LIFE_MS]),
    ])
    return { processes: Number(rows[0]?.['processes']), asked: Number(rows[0]?.['asked']) }
  },
})
