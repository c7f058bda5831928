import { Problem } from '../problem.ts'

/**
 * Decodes base64url without padding (RFC 7515 section 2). Each octet string has one spelling: other characters, `=`, and set bits after the
 * last octet are refused.
 *
 * @throws Problem acmeMalformed
 */
export function decodeBase64url(text: unknown, what: string): Buffer {
  if (typeof text !== 'string' || !isBase64url(text))
    throw new Problem('acmeMalformed', { rule: `${what} is not base64url without padding.` })
  return Buffer.from(text, 'base64url')
}

export function isBase64url(text: string): boolean {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return false
  const rest = text.length % 4
  return rest === 0 || (rest === 2 && /[AQgw]$/.test(text)) || (rest === 3 && /[AEIMQUYcgkosw048]$/.test(text))
}
