import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { Problem } from '../../problem.ts'

/** Names, or groups of names, that one key may list. */
const MOST_PATTERNS = 100
const LONGEST_NAME = 253

/**
 * What the orders of a key must be in: names (A- or U-labels), `*.x` for all names below `x`, IP addresses; a single `*` for no bounds.
 *
 * @returns lower-case A-labels and canonical addresses; null: any name
 * @throws Problem invalidParameter for `Domains`
 */
export function parseDomainPatterns(texts: readonly string[]): readonly string[] | null {
  if (texts.length === 0 || (texts.length === 1 && texts[0] === '*')) return null
  if (texts.length > MOST_PATTERNS) throw invalid('Domains', `At most ${MOST_PATTERNS} may be given.`)
  const patterns = texts.map((text, index) => parsePattern(text, `Domains.${index + 1}`))
  if (new Set(patterns).size !== patterns.length) throw invalid('Domains', 'Each may be given once.')
  return patterns
}

function parsePattern(text: string, parameter: string): string {
  if (isIP(text) !== 0) return canonicalAddress(text)
  const below = text.startsWith('*.')
  const given = (below ? text.slice(2) : text).replace(/\.$/, '')
  // What the URL parser decodes or takes away was no part of a name.
  const name = /^[\p{L}\p{M}\p{N}.-]+$/u.test(given) ? domainToASCII(given) : ''
  const isName = name.length <= LONGEST_NAME && name.split('.').every((label) => LABEL.test(label)) && isIP(name) === 0
  if (!isName)
    throw invalid(parameter, 'A domain name, "*." and a domain name for all names below it, or an IP address is needed; "*" alone for any.')
  return below ? `*.${name}` : name
}

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/

/** As RFC 8738 writes it in an identifier. */
function canonicalAddress(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address
}

/**
 * Whether a name of an order is in a pattern, as `StringLike` of `yundun-cert:Domain` would say: `x` is that name alone, neither `*.x` nor what
 * is below; `*.x` is all that is below, at any depth, with wildcards (`*.x` itself among them), and not `x`.
 */
export function fitsPattern(name: string, pattern: string): boolean {
  return name === pattern || (pattern.startsWith('*.') && name.length > pattern.length - 1 && name.endsWith(pattern.slice(1)))
}

function invalid(P: string, rule: string): Problem {
  return new Problem('invalidParameter', { P, rule })
}
