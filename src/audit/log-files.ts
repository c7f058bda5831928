import type { Services } from '../services.ts'
import { findTile, listLogged } from '../storage/audit.ts'
import { encodeEntry } from './entry.ts'
import { HASH_LENGTH } from './merkle.ts'
import { TILE_WIDTH } from './tiles.ts'

/** A tile by its place in the log (C2SP tlog-tiles): so many hashes of it, 256 of a full one. */
export interface TileName {
  readonly level: number
  readonly index: number
  readonly width: number
}

/** The index in elements of three digits, all but the last with an x: 1234067 is x001/x234/067. */
function encodeIndex(index: number): string {
  const digits = String(index)
  const elements = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? []
  return elements.map((element, at) => (at < elements.length - 1 ? `x${element}` : element)).join('/')
}

function fileName(kind: string, index: number, width: number): string {
  return `tile/${kind}/${encodeIndex(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

export function tileFile({ level, index, width }: TileName): string {
  return fileName(String(level), index, width)
}

/** The file of the entries whose hashes are a tile of the lowest level. */
export function entriesFile(index: number, width: number): string {
  return fileName('entries', index, width)
}

/** Reads the path of a tile of hashes; undefined if it is none, spelled exactly. */
export function parseTileFile(path: string): TileName | undefined {
  const [, level = '', elements = '', width] =
    /^tile\/(0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,4}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path) ?? []
  if (level === '') return undefined
  const name = { level: Number(level), index: Number(elements.replaceAll(/[x/]/g, '')), width: Number(width ?? TILE_WIDTH) }
  return tileFile(name) === path ? name : undefined
}

/** The hashes of a tile; undefined if the log has not got so far. */
export async function readTile({ db }: Pick<Services, 'db'>, { level, index, width }: TileName): Promise<Uint8Array | undefined> {
  const hashes = await findTile(db.read, level, index)
  return hashes === undefined || hashes.length < width * HASH_LENGTH ? undefined : hashes.subarray(0, width * HASH_LENGTH)
}

/** The entries of a tile, each after its length in two octets; undefined if bodies of it are deleted. */
export async function readEntries({ db }: Pick<Services, 'db'>, index: number, width: number): Promise<Uint8Array | undefined> {
  const start = index * TILE_WIDTH
  const events = await listLogged(db.read, start, start + width)
  if (events.length < width) return undefined
  return Buffer.concat(
    events.flatMap((event) => {
      const entry = encodeEntry(event)
      const length = Buffer.alloc(2)
      length.writeUInt16BE(entry.length)
      return [length, entry]
    }),
  )
}
