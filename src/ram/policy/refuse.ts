import { Problem } from '../../problem.ts'

/** Room for what a caller wrote in the public message: enough to find it again. */
const LONGEST_QUOTE = 80

/** Where in a document: a JSON pointer (RFC 6901), empty for the whole. */
export type Pointer = string

/** Goes one level down, e.g. to `/Statement/0/Action`. */
export function pointTo(pointer: Pointer, member: string | number): Pointer {
  return `${pointer}/${String(member).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/**
 * Refuses a policy document.
 *
 * @param why a clause that follows the place, e.g. `must be a list.`
 * @throws Problem malformedPolicyDocument
 */
export function refuse(pointer: Pointer, why: string): never {
  const place = pointer === '' ? 'The document' : quote(pointer)
  throw new Problem('malformedPolicyDocument', { rule: `${place} ${why}` })
}

/** Shortens what was written. */
export function quote(text: string): string {
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE)}…`
}
