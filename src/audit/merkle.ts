import { hash } from 'node:crypto'

/** Hashes of a Merkle tree as RFC 6962 section 2.1 has them; SHA-256, 32 octets. */
export const HASH_LENGTH = 32

// What is hashed stands in one piece: one call of the library takes a fraction of the time of a hash object. A digest as text of one character
// an octet takes half the time of one in a buffer of its own.
const LEAF = Uint8Array.of(0)
/** Where a node is put together to be hashed, which happens at once: 1, the left hash, the right one. */
const node = Buffer.from([1, ...new Uint8Array(2 * HASH_LENGTH)])

export function hashLeaf(entry: Uint8Array): Uint8Array {
  return Buffer.from(hash('sha256', Buffer.concat([LEAF, entry]), 'binary'), 'latin1')
}

/** The same for an entry that is text, in UTF-8. */
export function hashTextLeaf(entry: string): Uint8Array {
  return Buffer.from(hash('sha256', `\0${entry}`, 'binary'), 'latin1')
}

export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  node.set(left, 1)
  node.set(right, 1 + HASH_LENGTH)
  return Buffer.from(hash('sha256', node, 'binary'), 'latin1')
}

/** The root over hashes that stand one after the other: those of leaves, or of perfect subtrees of one size. */
export function rootOf(hashes: Uint8Array): Uint8Array {
  if (hashes.length === 0) return emptyRoot
  const row = Buffer.from(hashes)
  // Each row of the tree takes the place of the one below it; an odd last hash goes up as it is.
  for (let count = row.length / HASH_LENGTH; count > 1; count = Math.ceil(count / 2)) {
    for (let pair = 0; pair < count >> 1; pair++) {
      node.set(row.subarray(2 * pair * HASH_LENGTH, 2 * (pair + 1) * HASH_LENGTH), 1)
      row.write(hash('sha256', node, 'binary'), pair * HASH_LENGTH, 'latin1')
    }
    if (count % 2 === 1) row.copyWithin((count >> 1) * HASH_LENGTH, (count - 1) * HASH_LENGTH, count * HASH_LENGTH)
  }
  return row.subarray(0, HASH_LENGTH)
}

/** The root of the tree without leaves. */
export const emptyRoot: Uint8Array = hash('sha256', new Uint8Array(), 'buffer')

/** The largest power of two below a size over 1: where a tree is split. */
export function splitPoint(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}

/** Computes roots while leaves come one by one: one hash for each bit of the size. */
export interface RootBuilder {
  readonly size: number
  add(leafHash: Uint8Array): void
  root(): Uint8Array
}

export function createRootBuilder(): RootBuilder {
  // Perfect subtrees, the largest first.
  const peaks: { readonly size: number; readonly hash: Uint8Array }[] = []
  let size = 0
  return {
    get size() {
      return size
    },
    add(leafHash) {
      let peak = { size: 1, hash: leafHash }
      for (let last = peaks.at(-1); last?.size === peak.size; last = peaks.at(-1)) {
        peaks.pop()
        peak = { size: peak.size * 2, hash: hashNode(last.hash, peak.hash) }
      }
      peaks.push(peak)
      size += 1
    },
    root() {
      const [last, ...others] = peaks.toReversed()
      return last === undefined ? emptyRoot : others.reduce((right, left) => hashNode(left.hash, right), last.hash)
    },
  }
}

/** Gives the root of the leaves from `start` to before `end`. */
export type RangeHash = (start: number, end: number) => Promise<Uint8Array>

/** The audit path of a leaf in a tree of `size` leaves, the lowest hash first (RFC 6962 section 2.1.1). */
export async function inclusionPath(index: number, size: number, rangeHash: RangeHash): Promise<Uint8Array[]> {
  async function path(start: number, end: number): Promise<Uint8Array[]> {
    if (end - start === 1) return []
    const middle = start + splitPoint(end - start)
    return index < middle
      ? [...(await path(start, middle)), await rangeHash(middle, end)]
      : [...(await path(middle, end)), await rangeHash(start, middle)]
  }
  return await path(0, size)
}
