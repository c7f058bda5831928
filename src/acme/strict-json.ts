import { isUtf8 } from 'node:buffer'
import { Problem } from '../problem.ts'

/** Deeper than anything that ACME has. */
const DEEPEST = 8

/**
 * Parses the JSON of a request: UTF-8, no member twice, nothing nested deeper than 8 levels. Who reads a member first and who reads it last
 * would otherwise see different requests.
 *
 * @throws Problem acmeMalformed
 */
export function parseStrictJson(octets: Buffer, what: string): unknown {
  if (!isUtf8(octets)) throw malformed(`${what} is not UTF-8.`)
  const text = octets.toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw malformed(`${what} is not JSON.`)
  }
  // Of members with one name JSON.parse keeps the last.
  if (countInText(text, what) !== countInValue(value)) throw malformed(`${what} has a member twice.`)
  return value
}

/** The same for an object; members are looked up by `Object.hasOwn`-safe access, as JSON.parse makes own properties alone. */
export function parseStrictObject(octets: Buffer, what: string): Readonly<Record<string, unknown>> {
  return asObject(parseStrictJson(octets, what), what)
}

/** @throws Problem acmeMalformed for anything but a JSON object */
export function asObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${what} is not a JSON object.`)
  return value as Readonly<Record<string, unknown>>
}

/** How many members the objects in a text have: each has a colon of its own. The text is valid JSON. @throws Problem acmeMalformed */
function countInText(text: string, what: string): number {
  let members = 0
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at)
        break
      case COLON:
        members += 1
        break
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        depth += 1
        if (depth > DEEPEST) throw malformed(`${what} is nested too deeply.`)
        break
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        depth -= 1
        break
      default:
    }
  }
  return members
}

/** How many members the objects of a value have. */
function countInValue(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  if (Array.isArray(value)) return value.reduce((members: number, one) => members + countInValue(one), 0)
  let members = 0
  for (const one of Object.values(value)) members += 1 + countInValue(one)
  return members
}

const QUOTE = 0x22
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** The place of the closing quote. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1
    if (slashes % 2 === 0) return end
  }
}

function malformed(rule: string): Problem {
  return new Problem('acmeMalformed', { rule })
}
