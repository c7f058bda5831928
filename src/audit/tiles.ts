import { createRootBuilder, HASH_LENGTH, hashNode, type RangeHash, splitPoint } from './merkle.ts'

/** Hashes of one tile (C2SP tlog-tiles): 256 of one level, each the root of 256^level leaves. */
export const TILE_WIDTH = 256

/** The hashes of a tile that are there so far, one after the other; 256 of them in a full one. */
export interface Tile {
  readonly level: number
  readonly index: number
  readonly hashes: Uint8Array
}

/** Finds the stored hashes of a tile; undefined if there is none yet. */
export type FindTile = (level: number, index: number) => Promise<Uint8Array | undefined>

/**
 * Appends leaves to the tiles of a tree of `size` leaves.
 *
 * @returns the tiles that are new or longer, each as a whole
 */
export async function appendLeaves(size: number, leafHashes: readonly Uint8Array[], find: FindTile): Promise<Tile[]> {
  const changed: Tile[] = []
  let start = size
  let added = leafHashes
  for (let level = 0; added.length > 0; level++) {
    const full: Uint8Array[] = []
    for (let done = 0; done < added.length;) {
      const index = Math.floor((start + done) / TILE_WIDTH)
      const width = (start + done) % TILE_WIDTH
      const before = width === 0 ? new Uint8Array() : await find(level, index)
      if (before === undefined || before.length < width * HASH_LENGTH) throw new Error(`the tile ${level}/${index} is missing`)
      const more = added.slice(done, done + TILE_WIDTH - width)
      const hashes = Buffer.concat([before.subarray(0, width * HASH_LENGTH), ...more])
      changed.push({ level, index, hashes })
      if (hashes.length === TILE_WIDTH * HASH_LENGTH) full.push(rootOf(splitHashes(hashes)))
      done += more.length
    }
    start = Math.floor(start / TILE_WIDTH)
    added = full
  }
  return changed
}

export function splitHashes(hashes: Uint8Array): Uint8Array[] {
  return Array.from({ length: hashes.length / HASH_LENGTH }, (_, index) => hashes.subarray(index * HASH_LENGTH, (index + 1) * HASH_LENGTH))
}

export function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  const builder = createRootBuilder()
  for (const hash of hashes) builder.add(hash)
  return builder.root()
}

/** Computes roots of ranges from tiles; each tile is read once. */
export function createRangeHash(find: FindTile): RangeHash {
  const tiles = new Map<string, Promise<Uint8Array | undefined>>()

  function findOnce(level: number, index: number): Promise<Uint8Array | undefined> {
    const key = `${level}/${index}`
    let tile = tiles.get(key)
    if (tile === undefined) {
      tile = find(level, index)
      tiles.set(key, tile)
    }
    return tile
  }

  return async function rangeHash(start, end): Promise<Uint8Array> {
    const size = end - start
    const level = levelOf(start, size)
    if (level !== undefined) {
      const position = start / TILE_WIDTH ** level
      const tile = await findOnce(level, Math.floor(position / TILE_WIDTH))
      const at = (position % TILE_WIDTH) * HASH_LENGTH
      if (tile === undefined || tile.length < at + HASH_LENGTH) throw new Error(`the tile of ${start} to ${end} is missing`)
      return tile.subarray(at, at + HASH_LENGTH)
    }
    const middle = start + splitPoint(size)
    return hashNode(await rangeHash(start, middle), await rangeHash(middle, end))
  }
}

/** The level whose single hash covers exactly this range; undefined if none does. */
function levelOf(start: number, size: number): number | undefined {
  for (let level = 0, width = 1; width <= size; level++, width *= TILE_WIDTH) {
    if (width === size && start % width === 0) return level
  }
  return undefined
}
