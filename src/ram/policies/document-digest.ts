import { createHash } from 'node:crypto'

/** What the audit trail tells of a document: the text itself may be long, and is kept with its version. SHA-256, hexadecimal. */
export function documentDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
