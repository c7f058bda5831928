import { isIP } from 'node:net'
import type { ProblemName, ProblemParams } from '../../problem.ts'
import type { AcmeOrderRow, AuthorizationRow } from '../../storage/acme-orders.ts'
import type { AuthorizationMethod } from '../../storage/schema.ts'
import type { Identifier } from './identifiers.ts'

/** A problem as stored: the door writes it as a problem document. */
export interface StoredProblem {
  readonly problem: ProblemName
  readonly params: ProblemParams
}

/** An order as its ACME account sees it (RFC 8555 section 7.1.3). Instants in ms. */
export interface AcmeOrderView {
  readonly id: number
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid'
  readonly expires: number
  readonly identifiers: readonly Identifier[]
  readonly authorizationIds: readonly number[]
  readonly certificateId: number | null
  readonly error: StoredProblem | null
  readonly profile: string
  readonly notBefore: number | null
  readonly notAfter: number | null
  readonly replaces: string | null
  /** After how many seconds a look at it may show more; null: it is final. */
  readonly retryAfterS: number | null
}

export type ChallengeType = Exclude<AuthorizationMethod, 'DNS' | 'FILE'>

export interface ChallengeView {
  readonly type: ChallengeType
  readonly status: 'pending' | 'processing' | 'valid' | 'invalid'
  readonly validated?: number
  readonly error?: StoredProblem
}

/** An authorization as its ACME account sees it (RFC 8555 section 7.1.4). */
export interface AuthorizationView {
  readonly id: number
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired'
  /** Without `*.`. */
  readonly identifier: Identifier
  readonly wildcard: boolean
  readonly expires: number
  readonly token: string
  readonly challenges: readonly ChallengeView[]
}

/** Whether an order can no longer be proven: an authorization that it needs has come to nothing, or its time is over. */
export function isLost(order: Pick<AcmeOrderRow, 'validation_ends_at'>, authorizations: readonly AuthorizationRow[], now: number): boolean {
  return order.validation_ends_at <= now || authorizations.some((row) => ['invalid', 'deactivated', 'expired'].includes(statusOf(row, now)))
}

/** Renders an order: what has become of its authorizations shows at once, before the order's own row follows. */
export function viewOrder(order: AcmeOrderRow, authorizations: readonly AuthorizationRow[], now: number): AcmeOrderView {
  const status = orderStatus(order, authorizations, now)
  return {
    id: order.id,
    status,
    expires: order.validation_ends_at,
    // Stored by the service itself.
    identifiers: JSON.parse(order.identifiers) as Identifier[],
    authorizationIds: authorizations.map(({ id }) => id),
    certificateId: status === 'valid' ? order.certificate_id : null,
    error: status === 'invalid' ? orderError(order, authorizations) : null,
    profile: order.product_code,
    notBefore: order.not_before,
    notAfter: order.not_after,
    replaces: order.replaces,
    retryAfterS: status === 'valid' || status === 'invalid' ? null : 1,
  }
}

/** The view of an order that was ready and has been issued since. */
export function viewIssued(ready: AcmeOrderView, certificateId: number): AcmeOrderView {
  return { ...ready, status: 'valid', certificateId, error: null, retryAfterS: null }
}

function orderStatus(order: AcmeOrderRow, authorizations: readonly AuthorizationRow[], now: number): AcmeOrderView['status'] {
  switch (order.state) {
    case 'validating':
      return isLost(order, authorizations, now) ? 'invalid' : 'pending'
    case 'ready':
      return isLost(order, authorizations, now) ? 'invalid' : 'ready'
    case 'reviewing':
    case 'issuing':
      return 'processing'
    case 'issued':
    case 'revoked':
      return 'valid'
    case 'draft':
    case 'withdrawn':
    case 'failed':
    case 'deleted':
      return 'invalid'
  }
}

function orderError(order: AcmeOrderRow, authorizations: readonly AuthorizationRow[]): StoredProblem {
  if (order.error !== null) return JSON.parse(order.error) as StoredProblem
  const failed = authorizations.find(({ error }) => error !== null)
  if (failed?.error != null) return JSON.parse(failed.error) as StoredProblem
  return { problem: 'acmeOrderLost', params: {} }
}

function statusOf({ state, expires_at }: AuthorizationRow, now: number): AuthorizationView['status'] {
  if (state === 'invalid' || state === 'deactivated') return state
  if (expires_at <= now) return 'expired'
  return state === 'valid' ? 'valid' : 'pending'
}

export function viewAuthorization(row: AuthorizationRow, now: number): AuthorizationView {
  const wildcard = row.identifier.startsWith('*.')
  const value = wildcard ? row.identifier.slice(2) : row.identifier
  return {
    id: row.id,
    status: statusOf(row, now),
    identifier: { type: isIP(value) === 0 ? 'dns' : 'ip', value },
    wildcard,
    expires: row.expires_at,
    token: row.token,
    challenges: viewChallenges(row),
  }
}

/** What can prove an identifier: a wildcard by the DNS alone (BR 3.2.2.4.19 and .20), an address by nothing of the DNS (RFC 8738 section 7). */
export function challengeTypes(identifier: string): readonly ChallengeType[] {
  if (identifier.startsWith('*.')) return ['dns-01']
  return isIP(identifier) === 0 ? ['http-01', 'dns-01', 'tls-alpn-01'] : ['http-01', 'tls-alpn-01']
}

/** What was proven at another door shows as the challenge that proves the same. */
function challengeOf(method: AuthorizationMethod | null): ChallengeType | null {
  return method === 'DNS' ? 'dns-01' : method === 'FILE' ? 'http-01' : method
}

/** All that can be chosen; once one is chosen, that one alone (RFC 8555 section 7.5.1). */
function viewChallenges(row: AuthorizationRow): ChallengeView[] {
  const offered = challengeTypes(row.identifier)
  const chosen = offered.find((type) => type === challengeOf(row.method))
  if (chosen === undefined) {
    return offered.map((type) => ({ type, status: 'pending' }))
  }
  const status = row.state === 'deactivated' ? (row.validated_at === null ? 'pending' : 'valid') : row.state
  return [
    {
      type: chosen,
      status,
      ...(status === 'valid' && { validated: row.validated_at ?? 0 }),
      ...(status === 'invalid' && row.error !== null && { error: JSON.parse(row.error) as StoredProblem }),
    },
  ]
}
