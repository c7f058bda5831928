import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { Services } from '../services.ts'
import { countUnsealed, findAuditLog, findTile, listLogged, listMisplaced, listUpperTiles } from '../storage/audit.ts'
import { readDeletion } from './deletion.ts'
import { hashEntry, hashSource } from './entry.ts'
import { createRootBuilder, rootOf } from './merkle.ts'
import { type Checkpoint, NoteError, readCheckpoint } from './note.ts'
import { splitHashes, TILE_WIDTH } from './tiles.ts'

/** What a verification found. */
export interface LogVerification {
  /** Events in the log. */
  readonly size: number
  readonly vkey: string
  /** Bodies that retention deleted, as a signed note says; their hashes count. */
  readonly deleted: number
  /** Stored and not in the log yet. */
  readonly unsealed: number
  /** Events of the earlier checkpoint; undefined without one. */
  readonly earlier: number | undefined
  /** What was changed, removed or cut off; empty if nothing was. At most {@link MOST_FAULTS}. */
  readonly faults: readonly string[]
}

const MOST_FAULTS = 20

/**
 * Recomputes the whole log from the stored events: leaves, tiles, root and signature. An earlier checkpoint proves beyond that nothing of what
 * it signed was changed or cut off since. Sealing and retention may go on meanwhile: what is sealed after the beginning is not looked at.
 *
 * @param earlier text of an earlier signed checkpoint
 * @param vkey the key to hold it against; undefined: the one stored, which somebody who changed everything has changed too
 */
export async function verifyLog(
  { db }: Pick<Services, 'db'>,
  earlier: string | undefined,
  vkey: string | undefined,
): Promise<LogVerification> {
  const log = await findAuditLog(db.read)
  if (log === undefined) return { size: 0, vkey: '', deleted: 0, unsealed: 0, earlier: undefined, faults: ['there is no log'] }
  const faults: string[] = []
  const key = vkey ?? log.vkey
  const now = readSigned('the checkpoint of the log', log.checkpoint, key, faults)
  const before = earlier === undefined ? undefined : readSigned('the earlier checkpoint', earlier, key, faults)
  if (now !== undefined && now.size !== log.size) faults.push(`the log says ${log.size} events, its checkpoint ${now.size}`)
  if (before !== undefined && before.size > log.size) {
    faults.push(`the log was cut off: it has ${log.size} events, and had ${before.size}`)
  }
  let mayMiss = readAnnounced(log, key, faults)

  const builder = createRootBuilder()
  const rebuilt: Uint8Array[] = []
  let deleted = 0
  for (let start = 0; start < log.size; start += TILE_WIDTH) {
    const end = Math.min(start + TILE_WIDTH, log.size)
    const tile = splitHashes((await findTile(db.read, 0, start / TILE_WIDTH)) ?? new Uint8Array())
    const events = new Map((await listLogged(db.read, start, end)).map((event) => [event.log_index, event]))
    if (events.size < end - start && mayMiss < end) {
      // Retention may have begun since; a fault of its note is told already.
      mayMiss = readAnnounced((await findAuditLog(db.read)) ?? log, key, [])
    }
    for (let index = start; index < end; index++) {
      const stored = tile[index - start]
      const event = events.get(index)
      if (event === undefined && index >= mayMiss) faults.push(`the event at position ${index} was removed`)
      if (event === undefined) deleted += index < mayMiss ? 1 : 0
      else faults.push(...faultsOf(event, stored, index))
      if (stored === undefined) {
        faults.push(`the hash at position ${index} is missing`)
        return result()
      }
      builder.add(stored)
      if (before !== undefined && builder.size === before.size && !sameOctets(builder.root(), before.root)) {
        faults.push(`the first ${before.size} events are not those that the earlier checkpoint signed`)
      }
    }
    // SQLite reads in this thread: without this nobody would be served until the end.
    await yieldToOthers()
    if (end - start === TILE_WIDTH) rebuilt.push(rootOf(Buffer.concat(tile)))
    if (faults.length >= MOST_FAULTS) return result()
  }
  if (now !== undefined && !sameOctets(builder.root(), now.root))
    faults.push('the root of the log is not the one that its checkpoint signed')
  faults.push(...(await upperFaults(db.read, rebuilt)))
  for (const id of await listMisplaced(db.read)) faults.push(`event ${id} claims a place that the log does not have`)
  return result()

  async function result(): Promise<LogVerification> {
    return {
      size: log?.size ?? 0,
      vkey: log?.vkey ?? '',
      deleted,
      unsealed: await countUnsealed(db.read),
      earlier: before?.size,
      faults: faults.slice(0, MOST_FAULTS),
    }
  }
}

function readSigned(what: string, note: string, vkey: string, faults: string[]): Checkpoint | undefined {
  try {
    return readCheckpoint(note, vkey)
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    faults.push(`${what} does not count: ${error.message}`)
    return undefined
  }
}

/** Before which position bodies may be missing; nothing may if the note does not count. */
function readAnnounced(log: { deletion: string | null; deleted_before: number }, vkey: string, faults: string[]): number {
  try {
    const before = readDeletion(log.deletion, vkey)
    if (before !== log.deleted_before) faults.push(`the log deletes bodies before ${log.deleted_before}, its note says ${before}`)
    return before
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    faults.push(`the note on deleted bodies does not count: ${error.message}`)
    return 0
  }
}

function faultsOf(event: Awaited<ReturnType<typeof listLogged>>[number], stored: Uint8Array | undefined, index: number): string[] {
  const faults: string[] = []
  if (stored !== undefined && !sameOctets(hashEntry(event, event.source_hash), stored))
    faults.push(`event ${event.id} at position ${index} was changed`)
  const { source_ip: ip, source_salt: salt, source_hash: hash } = event
  if (ip !== null && (salt === null || hashSource(ip, salt) !== hash)) faults.push(`the source address of event ${event.id} was changed`)
  return faults
}

/** Holds the higher levels against the full tiles of the lowest one; they may have grown since. */
async function upperFaults(read: Services['db']['read'], lowest: readonly Uint8Array[]): Promise<string[]> {
  const stored = await listUpperTiles(read)
  const faults: string[] = []
  let below = lowest
  for (let level = 1; below.length > 0; level++) {
    const full: Uint8Array[] = []
    for (let start = 0; start < below.length; start += TILE_WIDTH) {
      const hashes = below.slice(start, start + TILE_WIDTH)
      const tile = stored.find((one) => one.level === level && one.idx === start / TILE_WIDTH)
      const sealed = Buffer.concat(hashes)
      if (tile === undefined || !sameOctets(tile.hashes.subarray(0, sealed.length), sealed))
        faults.push(`the tile ${level}/${start / TILE_WIDTH} was changed`)
      if (hashes.length === TILE_WIDTH) full.push(rootOf(sealed))
    }
    below = full
  }
  return faults
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
