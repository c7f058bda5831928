import type { Caller, RequestContext } from '../../gateway/caller.ts'
import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { type AssumableRole, findAssumableRole } from '../../storage/assumable-roles.ts'
import { originOf } from '../../storage/events.ts'
import type { AccessRequest } from '../access-control.ts'
import { nameKey } from '../name-key.ts'
import type { PolicyRequest } from '../policy/context.ts'
import { decideAssumeRole, decideLayers, type LayersDecision } from '../policy/layers.ts'
import type { TrustCaller } from '../policy/trust.ts'
import { beginSession, type BegunSession, type SessionServices } from './begin-session.ts'
import { type NamedRole, parseRoleArn, roleResource } from './role-name.ts'
import { readTrust } from './role-trust.ts'
import { assertDurationOfRole, assertPolicyGrammar, assertPolicySize, parseDuration, parseSessionText } from './session-terms.ts'

/** The parameters of AssumeRole; undefined where one was not given. */
export interface AssumeRoleInput {
  readonly roleArn: string
  readonly sessionName: string
  readonly durationSeconds: number | undefined
  readonly policy: string | undefined
  readonly externalId: string | undefined
  readonly sourceIdentity: string | undefined
}

type AssumeServices = SessionServices & Pick<Services, 'access'>

const ACTION = 'sts:AssumeRole'

/**
 * Begins a session of a role that trusts the caller, a user or a session of another role, and that the caller's own policies let it assume.
 *
 * What is wrong with the role's terms shows only after the decision. A caller without permission cannot tell a role that exists from one that does
 * not; neither can one of another account, whatever its own policies say.
 *
 * @throws Problem invalidRamValue, sessionPolicySize, rootMayNotAssume, noPermission, entityNotExist, sessionPolicyGrammar, callerInactive
 */
export async function assumeRole(services: AssumeServices, context: RequestContext, input: AssumeRoleInput): Promise<BegunSession> {
  const { caller } = context
  const named = parseRoleArn(input.roleArn)
  const sessionName = parseSessionText(input.sessionName, 'RoleSessionName')
  const durationSeconds = parseDuration(input.durationSeconds)
  assertPolicySize(input.policy)
  const externalId = input.externalId === undefined ? undefined : parseSessionText(input.externalId, 'ExternalId')
  const sourceIdentity = chooseSourceIdentity(caller, input.sourceIdentity)
  const conditions = {
    ...(externalId !== undefined && { 'sts:ExternalId': externalId }),
    ...(sourceIdentity !== undefined && { 'sts:SourceIdentity': sourceIdentity }),
  }
  const role = await loadAllowedRole(services, context, named, conditions)
  assertDurationOfRole(durationSeconds, role.max_session_seconds)
  assertPolicyGrammar(input.policy, role.set_operators === 1)
  return await beginSession(
    services,
    { role, sessionName, durationSeconds, policy: input.policy, sourceIdentity },
    { caller, provider: null, origin: originOf(context) },
  )
}

/** Who stands behind a chain of sessions stays the same along it. */
function chooseSourceIdentity({ identity }: Caller, given: string | undefined): string | undefined {
  const named = given === undefined ? undefined : parseSessionText(given, 'SourceIdentity')
  const before = identity.kind === 'session' ? identity.sourceIdentity : undefined
  if (before === undefined || named === undefined || named === before) return named ?? before
  throw new Problem('invalidRamValue', { P: 'SourceIdentity', rule: 'The session that calls has another one, which cannot be changed.' })
}

async function loadAllowedRole(
  services: AssumeServices,
  context: RequestContext,
  named: NamedRole,
  conditions: PolicyRequest['context'],
): Promise<AssumableRole> {
  const { db, access } = services
  const { caller } = context
  const trustCaller = toTrustCaller(caller)
  if (trustCaller === undefined) throw new Problem('rootMayNotAssume')
  const role = await findAssumableRole(db.read, named.accountId, nameKey(named.name))
  const trusted = role === undefined ? undefined : readTrust(role.trust_document, trustCaller)
  const asked: AccessRequest = { action: ACTION, conditions: () => conditions, ...(trusted && { askedKeys: trusted.askedKeys }) }
  // By the name that is stored: another case of it is no way around a Deny.
  const request = await access.prepare(context, asked, roleResource(role === undefined ? named : { ...named, name: role.name }))
  const { layers } = await access.policiesOf(caller)
  const refuseBy = (decision: LayersDecision) => refuseAssuming(services, context, { decision, request })
  const byCaller = decideLayers(layers, request)
  // Without permission of one's own nothing is said about the role, not even that it denies in so many words.
  if (byCaller.decision !== 'Allow') throw refuseBy(byCaller)
  const isForeign = named.accountId !== caller.accountId
  if (role === undefined || trusted === undefined) {
    throw isForeign ? refuseBy(notTrusted) : new Problem('entityNotExist', { P: 'Role', what: 'role' })
  }
  const decision = decideAssumeRole(layers, trusted.trust, request)
  if (decision.decision !== 'Allow') throw refuseBy(isForeign ? notTrusted : decision)
  return role
}

/** All that another account learns of a trust policy: that it does not allow. */
const notTrusted: LayersDecision = { decision: 'ImplicitDeny', policyType: 'AssumeRolePolicy' }

/** The original's words, with the detail of every refusal. */
function refuseAssuming(
  { access }: Pick<Services, 'access'>,
  context: RequestContext,
  decided: { readonly decision: LayersDecision; readonly request: PolicyRequest },
): Problem {
  const refusal = access.refuse(context, decided)
  return new Problem('noPermission', { ...refusal.params, rule: 'You should be authorized by RAM.' })
}

/** The caller as trust policies name it; undefined for an account itself, which assumes no role. */
function toTrustCaller({ accountId, identity }: Caller): TrustCaller | undefined {
  switch (identity.kind) {
    case 'user':
      return { kind: 'user', accountId, name: identity.userName }
    case 'session':
      return { kind: 'role', accountId, name: identity.roleName }
    case 'account':
    case 'anonymous':
      return undefined
  }
}
