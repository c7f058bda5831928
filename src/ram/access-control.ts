import type { Caller, RequestContext } from '../gateway/caller.ts'
import type { Problem } from '../problem.ts'
import type { CallerPolicies } from './caller-policies.ts'
import type { PolicyRequest } from './policy/context.ts'
import type { LayersDecision } from './policy/layers.ts'

/** What a caller wants to do. */
export interface AccessRequest {
  /** RAM action, e.g. `yundun-cert:GetPrivateKey`. */
  readonly action: string
  /** Relative ids, e.g. `order/10000001`; all must be allowed. None: `*`. */
  readonly resources?: readonly string[]
  /** Condition keys that the call answers; asked only where a policy names such a key. */
  readonly conditions?: () => PolicyRequest['context']
  /** Condition keys, as `normalizeKey` gives them, that another document asks beside the caller's policies: a role's trust policy. */
  readonly askedKeys?: ReadonlySet<string>
}

/** A decision, and what was asked to reach it. */
export interface AccessDecision {
  readonly decision: LayersDecision
  readonly request: PolicyRequest
}

/** Says who may do what. Every door asks it, with the same words. */
export interface AccessControl {
  /** @throws Problem noPermission, whose parameters are the fields of `AccessDeniedDetail` */
  assertAllowed(context: RequestContext, request: AccessRequest): Promise<void>
  isAllowed(context: RequestContext, request: AccessRequest): Promise<boolean>
  /** Whether whoever reads a certificate gets its private key too, without `yundun-cert:GetPrivateKey`. */
  readsKeysFreely(accountId: number): Promise<boolean>
  /** The policies of a caller, for decisions of other kinds (AssumeRole) and for explanations. */
  policiesOf(caller: Pick<Caller, 'accountId' | 'identity'>): Promise<CallerPolicies>
  /** The policy request that a call amounts to, for one resource. */
  prepare(context: RequestContext, request: AccessRequest, resource: string): Promise<PolicyRequest>
  /** The refusal of a decision, with its detail. */
  refuse(context: RequestContext, decided: AccessDecision): Problem
}
