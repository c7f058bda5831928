import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { findAuditLog, findEvent, findTile } from '../storage/audit.ts'
import { encodeEntry } from './entry.ts'
import { inclusionPath } from './merkle.ts'
import { readCheckpoint } from './note.ts'
import { createRangeHash } from './tiles.ts'

/** The proof that an event is in the log (RFC 6962 section 2.1.1). */
export interface InclusionProof {
  readonly eventId: number
  readonly index: number
  readonly size: number
  /** The octets that were hashed into the leaf. */
  readonly entry: Uint8Array
  /** The lowest first. */
  readonly path: readonly Uint8Array[]
  /** The signed checkpoint of that size. */
  readonly checkpoint: string
  readonly vkey: string
}

/**
 * Proves that an event of the account is in the log.
 *
 * @throws Problem eventNotExist; eventNotSealed for a moment after it was stored
 */
export async function proveInclusion(
  { db }: Pick<Services, 'db'>,
  accountId: number,
  by: { readonly id: number } | { readonly requestId: string },
): Promise<InclusionProof> {
  const event = await findEvent(db.read, accountId, by)
  if (event === undefined) throw new Problem('eventNotExist')
  const log = await findAuditLog(db.read)
  if (event.log_index === null || log === undefined) throw new Problem('eventNotSealed')
  const { size } = readCheckpoint(log.checkpoint, log.vkey)
  const rangeHash = createRangeHash((level, index) => findTile(db.read, level, index))
  return {
    eventId: event.id,
    index: event.log_index,
    size,
    entry: encodeEntry(event),
    path: await inclusionPath(event.log_index, size, rangeHash),
    checkpoint: log.checkpoint,
    vkey: log.vkey,
  }
}
