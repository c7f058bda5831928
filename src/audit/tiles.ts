import { HASH_LENGTH, hashNode, type RangeHash, rootOf, splitPoint } from './merkle.ts'

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
      // Of its own: what Node's pool holds would pass to the writer with the whole pool.
      const hashes = new Uint8Array(Buffer.concat([before.subarray(0, width * HASH_LENGTH), ...more]))
      changed.push({ level, index, hashes })
      if (hashes.length === TILE_WIDTH * HASH_LENGTH) full.push(rootOf(hashes))
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
    const level = levelOf(start, end)
    if (level !== undefined) {
      const width = TILE_WIDTH ** level
      const tile = await findOnce(level, Math.floor(start / width / TILE_WIDTH))
      const [from, to] = [(start / width) % TILE_WIDTH, ((start / width) % TILE_WIDTH) + (end - start) / width]
      if (tile === undefined || tile.length < to * HASH_LENGTH) throw new Error(`the tile of ${start} to ${end} is missing`)
      return rootOf(tile.subarray(from * HASH_LENGTH, to * HASH_LENGTH))
    }
    const middle = start + splitPoint(end - start)
    return hashNode(await rangeHash(start, middle), await rangeHash(middle, end))
  }
}

/** The highest level whose hashes in one tile make up exactly this range; undefined if there is none. */
function levelOf(start: number, end: number): number | undefined {
  let found: number | undefined
  for (let level = 0, width = 1; start % width === 0 && end % width === 0 && width <= end - start; level++, width *= TILE_WIDTH) {
    if (Math.floor(start / width / TILE_WIDTH) === Math.floor((end - 1) / width / TILE_WIDTH)) found = level
  }
  return found
}
