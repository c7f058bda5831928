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
  assertPlain(text, what)
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

/** Walks text that is valid JSON: only strings and brackets matter. */
function assertPlain(text: string, what: string): void {
  // The names of the open objects; undefined: an array.
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at)
        // A string before a colon is a member's name.
        if (isBeforeColon(text, end)) assertNew(open.at(-1), text.slice(at, end), what)
        at = end - 1
        break
      }
      case OPEN_OBJECT:
        open.push(new Set())
        if (open.length > DEEPEST) throw malformed(`${what} is nested too deeply.`)
        break
      case OPEN_ARRAY:
        open.push(undefined)
        if (open.length > DEEPEST) throw malformed(`${what} is nested too deeply.`)
        break
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        open.pop()
        break
      default:
    }
  }
}

const QUOTE = 0x22
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

function assertNew(names: Set<string> | undefined, quoted: string, what: string): void {
  const name = quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1)
  if (names === undefined) return
  if (names.has(name)) throw malformed(`${what} has a member twice.`)
  names.add(name)
}

/** The place after the closing quote. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1
    if (slashes % 2 === 0) return end + 1
  }
}

function isBeforeColon(text: string, from: number): boolean {
  let at = from
  while (text.charCodeAt(at) <= 0x20) at += 1
  return text.charCodeAt(at) === COLON
}

function malformed(rule: string): Problem {
  return new Problem('acmeMalformed', { rule })
}
