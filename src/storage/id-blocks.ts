import type { Sequence } from './database.ts'
import { ID_BLOCK } from './take-ids.tx.ts'

/** Below this many left, the next block is fetched ahead. */
const LOW_MARK = ID_BLOCK / 4

interface Block {
  next: number
  end: number
}

/** Gives ids out of blocks that the process took from the database. An unused rest is lost when the process ends. */
export function createIdBlocks(takeBlock: (sequence: Sequence) => Promise<number>): (sequence: Sequence) => Promise<number> {
  const current = new Map<Sequence, Block>()
  const coming = new Map<Sequence, Promise<Block>>()

  function fetch(sequence: Sequence): Promise<Block> {
    let block = coming.get(sequence)
    if (block === undefined) {
      block = takeBlock(sequence).then((first) => ({ next: first, end: first + ID_BLOCK }))
      coming.set(sequence, block)
      // A failure is told to whoever waits for the block; the next call tries again.
      block.catch(() => coming.delete(sequence))
    }
    return block
  }

  return async function nextId(sequence) {
    for (;;) {
      const block = current.get(sequence)
      if (block !== undefined && block.next < block.end) {
        if (block.end - block.next < LOW_MARK) fetch(sequence).catch(() => {})
        return block.next++
      }
      const awaited = fetch(sequence)
      const fresh = await awaited
      // The first of those who waited puts it to use. The others must leave alone the next block that may be coming already.
      if (coming.get(sequence) !== awaited) continue
      coming.delete(sequence)
      current.set(sequence, fresh)
    }
  }
}
