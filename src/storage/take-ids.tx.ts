import { defineWrite } from './write.ts'

/** How many ids a process takes at once. */
export const ID_BLOCK = 1_000

/** The first id ever given: seven digits and more, as clients of the original are used to. */
export const FIRST_ID = 10_000_000

/** Takes a block of ids; answers its first one. */
export const takeIds = defineWrite({
  async run(tx, input: { sequence: string }): Promise<number> {
    const { rows } = await tx.run(
      `insert into counters (name, next) values (?, ?)
       on conflict (name) do update set next = counters.next + ? returning next`,
      [input.sequence, FIRST_ID + ID_BLOCK, ID_BLOCK],
    )
    return Number(rows[0]?.['next']) - ID_BLOCK
  },
})
