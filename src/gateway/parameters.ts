import { Problem } from '../problem.ts'

/** One decoded parameter of a query string or a form body, as it was sent. */
export type Parameter = readonly [name: string, value: string]

/** Operation parameters by name; lists and groups are nested below them. */
export type NestedInput = Record<string, unknown>

/** The input an action's schema reads, and the way back from its paths to the names on the wire. */
export interface NestedParameters {
  readonly input: NestedInput
  /** Turns a path into `input` (lists 0-based, gaps closed) into the name as sent, e.g. `Tags.3.Key`. */
  readonly wireName: (path: readonly PropertyKey[]) => string
}

/** The most parameters of one request, query and form together. */
export const maxParameters = 1000
const maxListPosition = 1000
const maxDepth = 4

/**
 * Decodes `a=1&b=2` as browsers write it: UTF-8 under percent escapes, `+` is a space, empty pieces are skipped.
 *
 * @param encoded octets as a binary (latin1) string, as node:http hands out a request's target
 * @throws Problem malformedParameters on broken escapes, octets that are not UTF-8, too many pieces
 */
export function decodeParameters(encoded: string): Parameter[] {
  const parameters: Parameter[] = []
  let pieces = 0
  for (let start = 0; start < encoded.length;) {
    const ampersand = encoded.indexOf('&', start)
    const end = ampersand === -1 ? encoded.length : ampersand
    if (++pieces > maxParameters) throw tooManyParameters()
    if (end > start) parameters.push(decodePiece(encoded.slice(start, end)))
    start = end + 1
  }
  return parameters
}

function decodePiece(piece: string): Parameter {
  const equals = piece.indexOf('=')
  return equals === -1 ? [decodeText(piece), ''] : [decodeText(piece.slice(0, equals)), decodeText(piece.slice(equals + 1))]
}

const plainText = /^[\w.~-]*$/
const rawOctets = /[\u0080-\u00ff]/g

function decodeText(text: string): string {
  if (plainText.test(text)) return text
  try {
    // A raw octet above 7F becomes an escape, so that one strict decoder judges all of the UTF-8.
    return decodeURIComponent(text.replaceAll('+', ' ').replace(rawOctets, (octet) => `%${octet.charCodeAt(0).toString(16)}`))
  } catch {
    throw new Problem('malformedParameters', { rule: 'The query or form holds a percent escape that is broken or not UTF-8.' })
  }
}

const tooManyParameters = () => new Problem('malformedParameters', { rule: `There are more than ${maxParameters} of them.` })

/**
 * Merges query and form for the action: the form wins over the query, and of a repeated name the last one counts.
 *
 * @throws Problem malformedParameters if there are too many
 */
export function mergeParameters(query: readonly Parameter[], form: readonly Parameter[]): Map<string, string> {
  if (query.length + form.length > maxParameters) throw tooManyParameters()
  const merged = new Map(query)
  for (const [name, value] of form) merged.set(name, value)
  return merged
}

type Branch = Map<string, Branch | string>

/**
 * Builds lists and groups from dotted names: `Tags.1.Key=a` becomes `{ Tags: [{ Key: 'a' }] }`.
 * Positions are 1-based; gaps close. An empty value stays `''`.
 *
 * @throws Problem invalidParameter for a name that is a value and a list at once, is too deep, or has a position out of range
 */
export function nestParameters(parameters: Iterable<Parameter>): NestedParameters {
  const root: Branch = new Map()
  for (const [name, value] of parameters) {
    if (value.includes('\0')) throw invalidName(name, 'It holds a NUL character.')
    plant(root, name, value)
  }
  const positions = new WeakMap<object, string[]>()
  return { input: growGroup(root, '', positions), wireName: (path) => nameOnWire(path, root, positions) }
}

function invalidName(name: string, rule: string): Problem {
  return new Problem('invalidParameter', { P: printable(name), rule })
}

/** A sender's name for a message: no control characters, at most 128 characters. */
export function printable(name: string): string {
  return name.slice(0, 128).replace(/\p{Cc}/gu, '?')
}

const forbiddenNames = new Set(['__proto__', 'constructor', 'prototype'])

function plant(root: Branch, name: string, value: string): void {
  const segments = name.includes('.') ? name.split('.', maxDepth + 1) : [name]
  if (segments.length > maxDepth) throw invalidName(name, `Names have at most ${maxDepth} parts.`)
  let branch = root
  for (const [index, segment] of segments.entries()) {
    if (segment === '' || segment.includes('\0') || forbiddenNames.has(segment)) throw invalidName(name, 'Its name is not allowed.')
    const next = branch.get(segment)
    if (index === segments.length - 1) {
      if (next !== undefined) throw invalidName(name, 'It is used as a value and as a list.')
      branch.set(segment, value)
    } else if (next === undefined) {
      const grown: Branch = new Map()
      branch.set(segment, grown)
      branch = grown
    } else {
      if (typeof next === 'string') throw invalidName(name, 'It is used as a value and as a list.')
      branch = next
    }
  }
}

function grow(branch: Branch, name: string, positions: WeakMap<object, string[]>): unknown {
  const keys = [...branch.keys()]
  const numbers = keys.filter((key) => /^\d+$/.test(key))
  if (numbers.length === 0) return growGroup(branch, `${name}.`, positions)
  if (numbers.length < keys.length) throw invalidName(name, 'Its parts are positions of a list and names at once.')
  for (const key of numbers) {
    if (!/^[1-9]\d{0,3}$/.test(key) || Number(key) > maxListPosition) {
      throw invalidName(`${name}.${key}`, `Positions of a list are 1 to ${maxListPosition}.`)
    }
  }
  numbers.sort((a, b) => Number(a) - Number(b))
  const list = numbers.map((key) => growChild(branch.get(key) ?? '', `${name}.${key}`, positions))
  positions.set(branch, numbers)
  return list
}

function growGroup(branch: Branch, prefix: string, positions: WeakMap<object, string[]>): NestedInput {
  const group: NestedInput = {}
  for (const [key, child] of branch) group[key] = growChild(child, `${prefix}${key}`, positions)
  return group
}

function growChild(child: Branch | string, name: string, positions: WeakMap<object, string[]>): unknown {
  return typeof child === 'string' ? child : grow(child, name, positions)
}

function nameOnWire(path: readonly PropertyKey[], root: Branch, positions: WeakMap<object, string[]>): string {
  const names: string[] = []
  let branch: Branch | string | undefined = root
  for (const step of path) {
    const sent: string[] | undefined = typeof branch === 'object' ? positions.get(branch) : undefined
    const name: string = typeof step === 'number' ? (sent?.[step] ?? String(step + 1)) : String(step)
    names.push(name)
    branch = typeof branch === 'object' ? branch.get(name) : undefined
  }
  return names.join('.')
}
