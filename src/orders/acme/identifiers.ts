import { isIP } from 'node:net'
import type { Product } from '../../plans/products.ts'
import { Problem, type Subproblem } from '../../problem.ts'
import type { AddressGuard } from '../../validation/net/address-guard.ts'
import { parseIpAddress } from '../../x509/ip-address.ts'
import { parseDomainName } from '../domain-name.ts'

/** An identifier of the ACME door (RFC 8555 section 9.7.7, RFC 8738): of an order with `*.` for a wildcard, of an authorization without. */
export interface Identifier {
  readonly type: 'dns' | 'ip'
  readonly value: string
}

/**
 * The identifiers of a new order, normalized, in the client's order. Each is held against the rules of names and of the product.
 *
 * @param given the member `identifiers` of the payload, as it came
 * @throws Problem acmeMalformed; unsupportedIdentifier or rejectedIdentifier for one identifier; identifiersRejected with a subproblem for each
 *   bad one of several
 */
export function parseIdentifiers(given: unknown, product: Product, guard: AddressGuard): readonly Identifier[] {
  const list = readList(given, product)
  const faults: Subproblem[] = []
  const identifiers: Identifier[] = []
  for (const { type, value } of list) {
    try {
      identifiers.push(parseIdentifier(type, value, product, guard))
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      faults.push({ identifier: { type, value }, problem: error })
    }
  }
  const [fault] = faults
  if (fault !== undefined) throw list.length === 1 ? fault.problem : new Problem('identifiersRejected', {}, { subproblems: faults })
  if (new Set(identifiers.map(({ value }) => value)).size !== identifiers.length) throw malformed('An identifier is there twice.')
  return identifiers
}

const LONGEST_VALUE = 255

function readList(given: unknown, product: Product): readonly { type: string; value: string }[] {
  if (!Array.isArray(given) || given.length === 0) throw malformed('identifiers must be a list of at least one identifier.')
  if (given.length > product.maxNames) throw malformed(`The profile ${product.code} takes at most ${product.maxNames} identifiers.`)
  return given.map((entry: unknown) => {
    const { type, value } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>
    if (typeof type !== 'string' || typeof value !== 'string' || value.length > LONGEST_VALUE || type.length > LONGEST_VALUE) {
      throw malformed('Each identifier has a type and a value, both texts.')
    }
    return { type, value }
  })
}

function parseIdentifier(type: string, value: string, product: Product, guard: AddressGuard): Identifier {
  if (type === 'dns') return { type, value: parseDnsName(value, product) }
  if (type === 'ip') return { type, value: parseAddress(value, product, guard) }
  throw new Problem('unsupportedIdentifier', { type: /^[a-z0-9-]{1,32}$/.test(type) ? type : '?' })
}

function parseDnsName(value: string, product: Product): string {
  // What is no A-label name is not what will stand in the certificate: the client has to say what it means.
  if (isIP(value) !== 0) throw malformed('An IP address is an identifier of the type ip.')
  if (!/^(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/.test(value)) {
    throw malformed(
      'A dns identifier is a name of ASCII letters, digits and "-" (A-labels), without a dot at the end, with "*." in front at most.',
    )
  }
  try {
    return parseDomainName(value, product).name
  } catch (error) {
    if (error instanceof Problem) throw new Problem('rejectedIdentifier', { rule: error.params['rule'] ?? '' })
    throw error
  }
}

/** RFC 8738 section 3: dotted decimal, or the text form of RFC 5952; nothing else names the address. */
function parseAddress(value: string, product: Product, guard: AddressGuard): string {
  if (parseIpAddress(value) === undefined)
    throw malformed('An ip identifier is an IPv4 address in dotted decimal, or an IPv6 address in the form of RFC 5952.')
  if (!product.ipAddresses) throw new Problem('rejectedIdentifier', { rule: `The profile ${product.code} takes no IP addresses.` })
  if (!guard.allows(value)) {
    throw new Problem('rejectedIdentifier', {
      rule: 'The address is reserved for special use, and CHANCERY_VALIDATION_ALLOW_CIDRS does not allow it.',
    })
  }
  return value
}

function malformed(rule: string): Problem {
  return new Problem('acmeMalformed', { rule })
}
