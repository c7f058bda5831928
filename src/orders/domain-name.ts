import { isIP } from 'node:net'
import { domainToASCII, domainToUnicode } from 'node:url'
import { parse as parseSuffix } from 'tldts'
import type { Product } from '../plans/products.ts'
import { Problem } from '../problem.ts'

/** A domain name that a certificate can hold (BR 7.1.2.7.12). */
export interface ParsedDomain {
  /** A-labels in lower case, no dot at the end; a wildcard keeps its `*.`. At most 253 characters. */
  readonly name: string
  /** The name without `*.`: what has to be proven. */
  readonly baseName: string
  /** The name for people: U-labels (RFC 5890 section 2.3.2.1), with `*.` for a wildcard. */
  readonly unicodeName: string
  readonly wildcard: boolean
  /** The part that was registered under a public suffix, by the ICANN part of the list; null for internal names. */
  readonly registrableDomain: string | null
}

/** What a product says about names. */
export type NameRules = Pick<Product, 'code' | 'domainKind' | 'internalNames' | 'blockedWords'>

/**
 * The one domain name of an order, held against the rules of names and of the product. A- and U-labels, letter case and one dot at the
 * end are taken; everything else that is not a name is refused with the rule that it breaks. Pure: nothing is looked up.
 *
 * @throws Problem `missingParameter` or `invalidParameter` for `Domain`
 */
export function parseDomainName(input: string, product: NameRules): ParsedDomain {
  if (input === '') throw new Problem('missingParameter', { P: 'Domain' })
  assertNothingAround(input)
  const wildcard = input.startsWith('*.')
  const given = wildcard ? input.slice(2) : input
  if (given.includes('*')) throw invalid('A wildcard has exactly one "*", and it is the whole leftmost label, as in *.example.com.')
  const baseName = toAsciiName(given)
  const name = wildcard ? `*.${baseName}` : baseName
  assertName(name, baseName)
  const unicodeName = wildcard ? `*.${domainToUnicode(baseName)}` : domainToUnicode(baseName)
  const registrableDomain = assertPlace(baseName, wildcard, product)
  assertFits({ name, unicodeName, wildcard }, product)
  return { name, baseName, unicodeName, wildcard, registrableDomain }
}

/**
 * The names of an order, separated by commas: at most as many as the product takes, each once; the first one is the certificate's CN.
 *
 * @throws Problem `missingParameter` or `invalidParameter` for `Domain`
 */
export function parseDomainNames(input: string, product: NameRules & Pick<Product, 'maxNames'>): readonly ParsedDomain[] {
  const texts = input.split(',').map((text) => text.trim())
  if (texts.length > 1 && texts.includes('')) throw invalid('Between two commas there is a name.')
  const names = new Map(texts.map((text) => parseDomainName(text, product)).map((domain) => [domain.name, domain]))
  if (names.size > product.maxNames) {
    throw invalid(`The product ${product.code} takes at most ${product.maxNames} ${product.maxNames === 1 ? 'name' : 'names'}.`)
  }
  return [...names.values()]
}

/** Refuses what people send instead of one name, each by its own rule. */
function assertNothingAround(input: string): void {
  if (input.length > 1000) throw invalid('A name has at most 253 characters.')
  if (/[\s\p{Cc}\p{Zs}]/u.test(input)) throw invalid('A name has no blanks and no control characters.')
  if (/[,;]/.test(input)) {
    throw invalid('This operation takes exactly one name; CreateCertificateForPackageRequest takes several, separated by commas.')
  }
  if (isIP(input.replace(/^\[(.*)\]$/, '$1')) !== 0) throw ipAddress()
  if (input.includes('://')) throw invalid('Give the name only, without a scheme such as https://.')
  if (/[/?#\\]/.test(input)) throw invalid('Give the name only, without a path or query.')
  if (input.includes('@')) throw invalid('Give the name only, without a user or mail address.')
  if (input.includes(':')) throw invalid('Give the name only, without a port.')
}

/** Lower-case A-labels without the dot at the end. Letter case, width and Unicode forms are folded as UTS 46 says, not transitionally. */
function toAsciiName(given: string): string {
  // The mapping of the URL standard would also read numbers as addresses (127.1), so plain ASCII only has its case folded.
  const isAscii = !/[^ -~]/.test(given)
  const ascii = isAscii ? given.toLowerCase() : domainToASCII(given)
  if (ascii === '') throw invalid('The name holds characters that internationalized domain names do not allow (IDNA, UTS 46).')
  return ascii.endsWith('.') ? ascii.slice(0, -1) : ascii
}

/** A name in the one spelling that orders carry, or the text in lower case if it has none. */
export function foldName(given: string): string {
  const wildcard = given.startsWith('*.') ? '*.' : ''
  const name = given.slice(wildcard.length)
  const ascii = /[^ -~]/.test(name) ? domainToASCII(name) : name.toLowerCase()
  return wildcard + (ascii === '' ? name.toLowerCase() : ascii).replace(/\.$/, '')
}

/** The domain that its owner registered, by the ICANN part of the public suffix list; null for a name outside the public DNS. */
export function findRegistrableDomain(baseName: string): string | null {
  const suffix = parseSuffix(baseName, suffixOptions)
  return suffix.isIcann === true ? suffix.domain : null
}

/** The syntax of a dNSName: BR 7.1.2.7.12, RFC 1034 section 3.5. */
function assertName(name: string, baseName: string): void {
  if (name.length > 253) throw invalid('A name has at most 253 characters, counted in its ASCII form.')
  const labels = baseName.split('.')
  for (const label of labels) assertLabel(label)
  // A last label that is a number makes the whole an IPv4 address to every URL parser: 127.1, 0x7f.1, 2130706433.
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) throw ipAddress()
  const encoded = labels.some((label) => label.startsWith('xn--'))
  if (encoded && !isValidEncoding(baseName)) throw invalid('A label that begins with "xn--" must be the valid A-label of a Unicode label.')
}

function assertLabel(label: string): void {
  if (label === '') throw invalid('A name has no empty labels: no dot at the beginning, no two dots in a row.')
  if (label.length > 63) throw invalid('A label has at most 63 characters, counted in its ASCII form.')
  if (label.includes('_')) throw invalid('A name has no underscore.')
  if (!/^[a-z0-9-]+$/.test(label)) throw invalid('A label consists of letters, digits and "-".')
  if (label.startsWith('-') || label.endsWith('-')) throw invalid('A label neither begins nor ends with "-".')
  if (label.startsWith('--', 2) && !label.startsWith('xn--')) {
    throw invalid('A label has no "--" in the third and fourth place unless it is an A-label ("xn--").')
  }
}

/** Whether all A-labels decode, and encode again to the same: no second spelling of a name, no label that only looks encoded. */
function isValidEncoding(name: string): boolean {
  const unicode = domainToUnicode(name)
  return !/(?:^|\.)xn--/.test(unicode) && domainToASCII(unicode) === name
}

/**
 * Where the name stands in the DNS. "Public suffix" means the ICANN part of the list (BR 3.2.2.6): names such as `github.io`, which are
 * suffixes by their owners' will, can be registered and proven like any other.
 */
function assertPlace(baseName: string, wildcard: boolean, product: NameRules): string | null {
  if (isBelow(baseName, 'onion')) throw invalid('Names under .onion are not served.')
  if (isBelow(baseName, 'in-addr.arpa') || isBelow(baseName, 'ip6.arpa')) {
    throw invalid('Names under in-addr.arpa and ip6.arpa are not served (BR 7.1.2.7.12).')
  }
  const suffix = parseSuffix(baseName, suffixOptions)
  // Special-use names under .arpa (home.arpa) have a real top-level domain, but nobody owns them: they are internal names.
  const isPublic = suffix.isIcann === true && !(suffix.isSpecialUse === true && isBelow(baseName, 'arpa'))
  if (isPublic && suffix.domain === null) {
    if (wildcard) throw invalid('A wildcard directly left of a public suffix is not served (BR 3.2.2.6).')
    throw invalid('The name is a public suffix, under which others register names.')
  }
  if (!baseName.includes('.')) throw invalid('A name has at least two labels, as in example.com; "*." does not count.')
  if (isPublic) return suffix.domain
  if (!product.internalNames) {
    throw invalid(`The top-level domain is not in the public DNS; the product ${product.code} does not take internal names.`)
  }
  return null
}

const suffixOptions = {
  allowPrivateDomains: false,
  detectIp: false,
  detectSpecialUse: true,
  extractHostname: false,
  mixedInputs: false,
  validateHostname: false,
} as const

function assertFits(domain: Pick<ParsedDomain, 'name' | 'unicodeName' | 'wildcard'>, product: NameRules): void {
  if (product.domainKind === 'single' && domain.wildcard) throw invalid(`The product ${product.code} takes a single name, not a wildcard.`)
  if (product.domainKind === 'wildcard' && !domain.wildcard) {
    throw invalid(`The product ${product.code} takes a wildcard name, as in *.example.com.`)
  }
  const blocked = product.blockedWords.find((word) => domain.name.includes(word) || domain.unicodeName.includes(word))
  if (blocked !== undefined) throw invalid(`The product ${product.code} does not take names that contain "${blocked}".`)
}

function isBelow(name: string, parent: string): boolean {
  return name === parent || name.endsWith(`.${parent}`)
}

function ipAddress(): Problem {
  return invalid('IP addresses are not served, in any notation; the last label of a name is not a number.')
}

function invalid(rule: string): Problem {
  return new Problem('invalidParameter', { P: 'Domain', rule })
}
