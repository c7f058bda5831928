import type { Services } from '../services.ts'
import { findAuditLog } from '../storage/audit.ts'
import { parseTileFile, readTile } from './log-files.ts'

/** A file of the log, for who watches it from outside. */
export interface LogFile {
  readonly type: string
  readonly octets: Uint8Array
  /** It never changes. */
  readonly isFixed: boolean
}

/**
 * The checkpoint, or a tile of hashes, by its path in the log; undefined if there is none. Entries are not among them: they name what every
 * account does, and only the operator at the machine may export them.
 */
export async function findLogFile(services: Pick<Services, 'db'>, path: string): Promise<LogFile | undefined> {
  if (path === 'checkpoint') {
    const log = await findAuditLog(services.db.read)
    return log && { type: 'text/plain; charset=utf-8', octets: Buffer.from(log.checkpoint), isFixed: false }
  }
  const tile = parseTileFile(path)
  const octets = tile && (await readTile(services, tile))
  return octets && { type: 'application/octet-stream', octets, isFixed: true }
}
