import { Problem } from '../problem.ts'
import { defineWrite } from '../storage/write.ts'

/** A batch of events on its way into the log, and the log as it is with them. */
export interface SealEventsInput {
  /** What the log held when the batch was made. */
  readonly sizeBefore: number
  readonly size: number
  readonly checkpoint: string
  readonly events: readonly {
    readonly id: number
    readonly logIndex: number
    readonly sourceSalt: Uint8Array | null
    readonly sourceHash: string | null
  }[]
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
      ...input.events.map(({ id, logIndex, sourceSalt, sourceHash }) =>
        tx.run(`update events set sealed_at = ?, log_index = ?, source_salt = ?, source_hash = ? where id = ? and sealed_at is null`, [
          input.now,
          logIndex,
          sourceSalt,
          sourceHash,
          id,
        ]),
      ),
      ...input.tiles.map(({ level, index, hashes }) =>
        tx.run(
          `insert into audit_tiles (level, idx, hashes) values (?, ?, ?) on conflict (level, idx) do update set hashes = excluded.hashes`,
          [level, index, hashes],
        ),
      ),
    ])
    if (moved.changes === 0 || sealed.slice(0, input.events.length).some(({ changes }) => changes === 0)) throw new Problem('moved')
  },
})
