import type { IncomingMessage } from 'node:http'
import { Problem } from '../problem.ts'

/** The client went away before its request was complete: there is nobody to answer. */
export class ClientGone extends Error {}

/** A certificate in base64url, or a CSR of a hundred names, and room. */
const LARGEST_BODY = 65_536

/**
 * Reads a whole body. What is over the limit is taken from the wire and thrown away, up to twice the limit: a client that is busy writing
 * would otherwise see a reset connection instead of the answer.
 *
 * @throws Problem requestTooLarge, ClientGone
 */
export function readBody(req: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    let isWhole = false
    const tooLarge = () => reject(new Problem('requestTooLarge', { limit: String(LARGEST_BODY) }))
    req.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= LARGEST_BODY) chunks.push(chunk)
      else if (length > 2 * LARGEST_BODY) {
        req.pause()
        tooLarge()
      }
    })
    req.on('end', () => {
      isWhole = true
      const [only] = chunks
      if (length > LARGEST_BODY) tooLarge()
      else resolve(only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks))
    })
    // Every request is closed in the end: an error is made only where it is needed.
    const gone = () => {
      if (!isWhole) reject(new ClientGone())
    }
    req.on('error', gone)
    req.on('close', gone)
  })
}
