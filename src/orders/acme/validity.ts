import type { Product } from '../../plans/products.ts'
import { Problem } from '../../problem.ts'

const DAY_MS = 86_400_000
/** Clients' clocks may be behind. */
const SLACK_MS = 3_600_000
/** A certificate for later: so far ahead at most. */
const AHEAD_MS = 30 * DAY_MS

/** The instants that an order asks for, ms, whole seconds; null: none is asked for. */
export interface WishedValidity {
  readonly notBefore: number | null
  readonly notAfter: number | null
}

/**
 * `notBefore` and `notAfter` of a new order (RFC 8555 section 7.4): what the product does not allow is refused, never shortened in silence.
 *
 * @param latest the end of the issuing CA, ms
 * @throws Problem acmeMalformed
 */
export function parseValidity(
  given: { readonly notBefore?: unknown; readonly notAfter?: unknown },
  product: Pick<Product, 'code' | 'validityDays'>,
  now: number,
  latest: number,
): WishedValidity {
  const notBefore = parseInstant('notBefore', given.notBefore)
  const notAfter = parseInstant('notAfter', given.notAfter)
  if (notBefore !== null && (notBefore < now - SLACK_MS || notBefore > now + AHEAD_MS)) {
    throw malformed('notBefore must lie between an hour ago and 30 days from now.')
  }
  const begin = notBefore ?? now
  if (notAfter !== null && (notAfter <= begin || notAfter <= now)) throw malformed('notAfter must lie ahead, and after notBefore.')
  if (notAfter !== null && notAfter - begin > product.validityDays * DAY_MS) {
    throw malformed(`A certificate of the profile ${product.code} is valid for ${product.validityDays} days at most.`)
  }
  if (notAfter !== null && notAfter > latest) throw malformed('notAfter lies after the end of the issuing CA.')
  return { notBefore, notAfter }
}

/** RFC 3339 with whole seconds; fractions are cut off. */
function parseInstant(member: string, value: unknown): number | null {
  if (value === undefined) return null
  const ms = typeof value === 'string' && FORM.test(value) ? Date.parse(value) : NaN
  if (Number.isNaN(ms)) throw malformed(`${member} must be an instant in the form of RFC 3339.`)
  return Math.floor(ms / 1000) * 1000
}

const FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

function malformed(rule: string): Problem {
  return new Problem('acmeMalformed', { rule })
}
