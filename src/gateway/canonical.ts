import { hash, timingSafeEqual } from 'node:crypto'
import type { Parameter } from './parameters.ts'

/**
 * Percent-encodes as both signature schemes ask (RFC 3986 section 2.3): letters, digits and `-_.~` stay, all else is `%XX` in upper case.
 */
export function percentEncode(text: string): string {
  if (unreserved.test(text)) return text
  return encodeURIComponent(text).replace(leftByEncodeUri, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

const unreserved = /^[\w.~-]*$/
const leftByEncodeUri = /[!'()*]/g

/**
 * Joins parameters as both schemes sign them: encoded, in code-unit order of their decoded names; a repeated name keeps its order as sent.
 */
export function canonicalQuery(parameters: readonly Parameter[]): string {
  return parameters
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join('&')
}

/** Compares two texts in a time that does not depend on where they differ. */
export function equalsInConstantTime(expected: string, given: string): boolean {
  // Digests have one length, so that not even the lengths of the texts show.
  return timingSafeEqual(hash('sha256', expected, 'buffer'), hash('sha256', given, 'buffer'))
}
