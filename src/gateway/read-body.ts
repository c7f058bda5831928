import type { IncomingMessage } from 'node:http'
import { Problem } from '../problem.ts'

/** The client went away before its request was complete: there is nobody to answer. */
export class ClientGone extends Error {}

/**
 * Reads a whole body, with a length given or in chunks.
 *
 * A body over the limit is still taken from the wire, up to twice the limit, and thrown away: a client that is busy writing would
 * otherwise see a reset connection instead of the answer.
 *
 * @param limitBytes the largest body that is kept
 * @throws Problem requestTooLarge, ClientGone
 */
export async function readBody(req: IncomingMessage, limitBytes: number): Promise<Uint8Array> {
  const declared = Number(req.headers['content-length'] ?? 0)
  if (declared === 0 && req.headers['transfer-encoding'] === undefined) return emptyBody
  const tooLarge = new Problem('requestTooLarge', { limit: String(limitBytes) })
  if (declared > 2 * limitBytes) throw tooLarge
  return await new Promise<Uint8Array>((resolve, reject) => {
    let chunks: Buffer[] = []
    let length = 0
    req.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= limitBytes) chunks.push(chunk)
      else chunks = []
      if (length > 2 * limitBytes) {
        req.pause()
        reject(tooLarge)
      }
    })
    req.on('end', () =>
      length > limitBytes ? reject(tooLarge) : resolve(chunks.length === 1 ? (chunks[0] ?? emptyBody) : Buffer.concat(chunks)),
    )
    req.on('error', () => reject(new ClientGone()))
    req.on('close', () => reject(new ClientGone()))
  })
}

const emptyBody = Buffer.alloc(0)
