import type { ContextValue } from './context.ts'
import type { ResourceName } from './resource-name.ts'
import type { WildcardMatcher } from './wildcard.ts'

export type Effect = 'Allow' | 'Deny'

/** A policy for users, groups, roles and sessions, made ready to be evaluated; see `parsePolicyDocument`. */
export interface PolicyDocument {
  readonly kind: 'identity'
  readonly statements: readonly Statement[]
}

/** The trust policy of a role: who may assume it. A type of its own, so that it is never taken for a grant on every resource. */
export interface TrustDocument {
  readonly kind: 'trust'
  readonly statements: readonly TrustStatement[]
}

/** What statements of both kinds have. */
export interface StatementBase {
  readonly effect: Effect
  /** Take the action in lower case. */
  readonly actions: Listed<WildcardMatcher>
  /** All of them must match. */
  readonly conditions: readonly Condition[]
}

export interface Statement extends StatementBase {
  readonly resources: Listed<(resource: ResourceName) => boolean>
}

export interface TrustStatement extends StatementBase {
  readonly principals: Principals
}

/** `Action` or `Resource`, or with `negated` the `Not…` form: everything but what is listed. */
export interface Listed<Matcher> {
  readonly negated: boolean
  readonly matchers: readonly Matcher[]
}

/** One operator over one key. */
export interface Condition {
  /** As it was written, e.g. `StringLike`. */
  readonly operator: string
  /** As it was written, e.g. `acs:SourceIp`. */
  readonly key: string
  /** The key as `normalizeKey` gives it. */
  readonly normalKey: string
  /** Undefined: the request has no such key. */
  matches(values: readonly ContextValue[] | undefined): boolean
}

/** The principals of a trust statement, as they were written: ARNs of the account, users and roles; service names; ARNs of identity providers. */
export interface Principals {
  readonly ram: readonly string[]
  readonly service: readonly string[]
  readonly federated: readonly string[]
}
