import { pointTo, quote, refuse, type Pointer } from './refuse.ts'

const MOST_VALUES = 400
const LONGEST_VALUE = 2048

/**
 * Reads a JSON object.
 *
 * @param allowed the names that it may have; any, if left out
 * @throws Problem malformedPolicyDocument
 */
export function readMembers(value: unknown, pointer: Pointer, allowed?: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(pointer, 'must be an object.')
  // Nothing is inherited here, and `__proto__` is a member like any other.
  const members: Record<string, unknown> = Object.assign(Object.create(null), value)
  for (const name of Object.keys(members)) {
    if (allowed !== undefined && !allowed.includes(name))
      refuse(pointTo(pointer, name), `is not known; there may be ${allowed.join(', ')}.`)
  }
  return members
}

/**
 * Reads a text or a list of texts, neither empty.
 *
 * @throws Problem malformedPolicyDocument
 */
export function readTexts(value: unknown, pointer: Pointer): string[] {
  return readList(value, pointer).map((entry, index) => {
    const at = Array.isArray(value) ? pointTo(pointer, index) : pointer
    if (typeof entry !== 'string') refuse(at, 'must be a text.')
    if (entry === '') refuse(at, 'must not be empty.')
    return limited(entry, at)
  })
}

/**
 * Reads the values of a condition: texts, numbers and booleans, one or a list, all given back as texts.
 *
 * @throws Problem malformedPolicyDocument
 */
export function readScalars(value: unknown, pointer: Pointer): string[] {
  return readList(value, pointer).map((entry, index) => {
    const at = Array.isArray(value) ? pointTo(pointer, index) : pointer
    if (typeof entry === 'string') return limited(entry, at)
    if (typeof entry === 'boolean') return String(entry)
    if (typeof entry !== 'number') refuse(at, 'must be a text, a number or a boolean.')
    // A literal that has lost digits on the way would compare with something that nobody wrote.
    if (Math.abs(entry) > Number.MAX_SAFE_INTEGER) refuse(at, 'is a number of 2^53 or more; write it as a text.')
    return String(entry)
  })
}

function readList(value: unknown, pointer: Pointer): readonly unknown[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0) refuse(pointer, 'must not be an empty list.')
  if (list.length > MOST_VALUES) refuse(pointer, `must hold at most ${MOST_VALUES} values.`)
  return list
}

function limited(text: string, pointer: Pointer): string {
  if (text.length > LONGEST_VALUE) refuse(pointer, `is longer than ${LONGEST_VALUE} characters: ${quote(text)}`)
  return text
}
