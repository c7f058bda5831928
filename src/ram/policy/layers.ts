import { prepareRequest, type PolicyRequest } from './context.ts'
import { evaluatePrepared, type NamedDocument, type NoPermissionType, type PolicyDecision, type StatementReference } from './evaluate.ts'
import { decideTrust, type Trust } from './trust.ts'

/** `AccessDeniedDetail.PolicyType`. */
export type PolicyType =
  | 'ControlPolicy'
  | 'SessionPolicy'
  | 'AccountLevelIdentityBasedPolicy'
  | 'ResourceGroupLevelIdentityBasedPolicy'
  | 'AssumeRolePolicy'

/** The documents that bear on a caller, by kind. A kind that is left out does not exist for it; an empty list of it allows nothing. */
export interface PolicyLayers {
  /** The account itself, by its root key: no policy is asked. Never so for a session of a role. */
  readonly root?: boolean
  /** Control policies of the resource directory. */
  readonly control?: readonly NamedDocument[]
  /** The policy given when the session began. It can only narrow. */
  readonly session?: readonly NamedDocument[]
  /** Of the user and its groups, or of the role. */
  readonly identity: readonly NamedDocument[]
  /** Of the same, but attached within the resource group of what is asked for. They count where those of the account are silent. */
  readonly resourceGroup?: readonly NamedDocument[]
}

/** Without a statement, an Allow is the account's own, and a refusal is that nothing allowed it. */
export type LayersDecision =
  | { readonly decision: 'Allow'; readonly statement?: StatementReference }
  | { readonly decision: NoPermissionType; readonly policyType: PolicyType; readonly statement?: StatementReference }

/**
 * Decides by all layers, as the original does: control policies and the session's policy must each allow, then the identity's own decide.
 *
 * @throws Error if the request's resource is no ARN
 */
export function decideLayers(layers: PolicyLayers, request: PolicyRequest): LayersDecision {
  if (layers.root === true) return { decision: 'Allow' }
  const prepared = prepareRequest(request)
  const narrowing = [
    ['ControlPolicy', layers.control],
    ['SessionPolicy', layers.session],
  ] as const
  for (const [policyType, documents] of narrowing) {
    if (documents === undefined) continue
    const outcome = evaluatePrepared(documents, prepared)
    if (outcome.decision !== 'Allow') return withPolicyType(outcome, policyType)
  }
  const ofAccount = withPolicyType(evaluatePrepared(layers.identity, prepared), 'AccountLevelIdentityBasedPolicy')
  if (ofAccount.decision !== 'ImplicitDeny' || layers.resourceGroup === undefined) return ofAccount
  const ofGroup = withPolicyType(evaluatePrepared(layers.resourceGroup, prepared), 'ResourceGroupLevelIdentityBasedPolicy')
  return ofGroup.decision === 'ImplicitDeny' ? ofAccount : ofGroup
}

/**
 * Decides AssumeRole: the caller's own policies and the role's trust policy must both allow. The account itself may assume no role.
 *
 * @param layers those of the caller; undefined for services and federated callers, who have none here
 */
export function decideAssumeRole(layers: PolicyLayers | undefined, trust: Trust, request: PolicyRequest): LayersDecision {
  const byTrust = withPolicyType(decideTrust(trust, request), 'AssumeRolePolicy')
  if (layers === undefined) return byTrust
  const byCaller = decideLayers(layers, request)
  if (byCaller.decision === 'Allow') return byTrust
  // Of two refusals the explicit one is named.
  return byCaller.decision === 'ImplicitDeny' && byTrust.decision === 'ExplicitDeny' ? byTrust : byCaller
}

function withPolicyType(outcome: PolicyDecision, policyType: PolicyType): LayersDecision {
  if (outcome.decision === 'ImplicitDeny') return { decision: outcome.decision, policyType }
  if (outcome.decision === 'ExplicitDeny') return { ...outcome, decision: outcome.decision, policyType }
  return { decision: 'Allow', statement: outcome.statement }
}
