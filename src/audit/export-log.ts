import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { Services } from '../services.ts'
import { entriesFile, readEntries, readTile, tileFile } from './log-files.ts'
import { TILE_WIDTH } from './tiles.ts'

/** A part is what one full tile of level 1 covers: so many events. It is held in memory at once. */
export const PART_EVENTS = TILE_WIDTH * TILE_WIDTH

/** Some of the files of the log, as C2SP tlog-tiles names them. */
export interface LogPart {
  readonly files: readonly { readonly name: string; readonly base64: string }[]
  /** Files of entries that cannot be made, because retention deleted bodies of theirs. */
  readonly withoutBodies: number
}

/**
 * The files of one part of the log at a size; the tiles over all parts come with the last one.
 *
 * @throws Error if a tile is missing
 */
export async function exportPart(services: Pick<Services, 'db'>, size: number, part: number): Promise<LogPart> {
  const files: { name: string; base64: string }[] = []
  let withoutBodies = 0
  const add = (name: string, octets: Uint8Array) => files.push({ name, base64: Buffer.from(octets).toString('base64') })

  async function addTiles(level: number, first: number, hashes: number): Promise<void> {
    for (let index = first; index * TILE_WIDTH < hashes; index++) {
      const tile = { level, index, width: Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH) }
      const octets = await readTile(services, tile)
      if (octets === undefined) throw new Error(`the log has no ${tileFile(tile)}: audit verify tells more`)
      add(tileFile(tile), octets)
      // SQLite reads in this thread: others are served in between.
      await yieldToOthers()
      if (level > 0) continue
      const entries = await readEntries(services, index, tile.width)
      if (entries === undefined) withoutBodies += 1
      else add(entriesFile(index, tile.width), entries)
    }
  }

  const end = Math.min(size, (part + 1) * PART_EVENTS)
  await addTiles(0, part * TILE_WIDTH, end)
  await addTiles(1, part, Math.floor(end / TILE_WIDTH))
  if (end === size) {
    for (let level = 2, hashes = Math.floor(size / PART_EVENTS); hashes > 0; level++, hashes = Math.floor(hashes / TILE_WIDTH)) {
      await addTiles(level, 0, hashes)
    }
  }
  return { files, withoutBodies }
}
