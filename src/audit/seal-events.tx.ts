import { Problem } from '../problem.ts'
import { defineWrite } from '../storage/write.ts'

/** A batch of events on its way into the log, and the log as it is with them. */
export interface SealEventsInput {
  /** What the log held when the batch was made. */
  readonly sizeBefore: number
  readonly size: number
  readonly checkpoint: string
  /** Of the events, as they follow each other in the log: columns pass to the writer for a fraction of what objects cost. */
  readonly ids: readonly number[]
  /** Each event's, null where it has no source. */
  readonly sourceHashes: readonly (string | null)[]
  /** Each event's salt, one after the other. */
  readonly salts: Uint8Array
  readonly tiles: readonly { readonly level: number; readonly index: number; readonly hashes: Uint8Array }[]
  readonly now: number
}

/** Puts events into the log: positions, tiles and checkpoint in one commit. Refuses with `moved` if another process was first: no log forks. */
export const sealEvents = defineWrite({
  async run(tx, input: SealEventsInput): Promise<void> {
    const [moved, ...sealed] = await Promise.all([
      tx.run(`update audit_log set size = ?, checkpoint = ?, updated_at = ? where id = 1 and size = ?`, [
        input.size,
        input.checkpoint,
        input.now,
        input.sizeBefore,
      ]),
      ...input.ids.map((id, index) => {
        const sourceHash = input.sourceHashes[index] ?? null
        return tx.run(
          `update events set sealed_at = ?, log_index = ?, source_salt = ?, source_hash = ? where id = ? and sealed_at is null`,
          [input.now, input.sizeBefore + index, sourceHash === null ? null : saltOf(input, index), sourceHash, id],
        )
      }),
      ...input.tiles.map(({ level, index, hashes }) =>
        tx.run(
          `insert into audit_tiles (level, idx, hashes) values (?, ?, ?) on conflict (level, idx) do update set hashes = excluded.hashes`,
          [level, index, hashes],
        ),
      ),
    ])
    if (moved.changes === 0 || sealed.slice(0, input.ids.length).some(({ changes }) => changes === 0)) throw new Problem('moved')
  },
})

function saltOf({ ids, salts }: SealEventsInput, index: number): Uint8Array {
  const length = salts.length / ids.length
  return salts.subarray(index * length, (index + 1) * length)
}
