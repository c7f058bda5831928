import { hash } from 'node:crypto'

/** Hashes of a Merkle tree as RFC 6962 section 2.1 has them; SHA-256, 32 octets. */
export const HASH_LENGTH = 32

// What is hashed stands in one piece: one call of the library takes a fraction of the time of a hash object.
const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

export function hashLeaf(entry: Uint8Array): Uint8Array {
  return hash('sha256', Buffer.concat([LEAF, entry]), 'buffer')
}

export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash('sha256', Buffer.concat([NODE, left, right]), 'buffer')
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
