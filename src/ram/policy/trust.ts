import { prepareRequest, type PolicyRequest } from './context.ts'
import type { TrustDocument } from './document.ts'
import { decide, statementMatches, type Named, type PolicyDecision } from './evaluate.ts'
import { namesCaller, type TrustCaller } from './principals.ts'

export type { TrustCaller } from './principals.ts'

/** A role's trust policy, and who wants to assume the role. */
export interface Trust {
  readonly policy: Named<TrustDocument>
  readonly caller: TrustCaller
}

/**
 * Decides whether a role's trust policy lets this caller assume it. That alone is enough for services and federated callers; a user or
 * role also needs the permission: see `decideAssumeRole`.
 *
 * @param request the action is `sts:AssumeRole`, whichever operation asks; the resource is the role; of a federated caller the context holds
 *   the claims of its token (`oidc:iss`, `oidc:aud`, `oidc:sub`), none of which may come from elsewhere
 */
export function decideTrust({ policy, caller }: Trust, request: PolicyRequest): PolicyDecision {
  const prepared = prepareRequest(request)
  return decide(
    [policy],
    (statement) => namesCaller(statement.principals, statement.effect, caller) && statementMatches(statement, prepared),
  )
}
