import { Problem } from '../problem.ts'

/**
 * Decodes base64url without padding (RFC 7515 section 2). Each octet string has one spelling: other characters, `=`, and set bits after the
 * last octet are refused.
 *
 * @throws Problem acmeMalformed
 */
export function decodeBase64url(text: unknown, what: string): Buffer {
  const octets = typeof text === 'string' ? Buffer.from(text, 'base64url') : undefined
  // What Node passes over when it reads is not there when it writes.
  if (octets === undefined || octets.toString('base64url') !== text) {
    throw new Problem('acmeMalformed', { rule: `${what} is not base64url without padding.` })
  }
  return octets
}

export function isBase64url(text: string): boolean {
  return Buffer.from(text, 'base64url').toString('base64url') === text
}
