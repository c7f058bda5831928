import type { Caller, RequestContext } from '../gateway/caller.ts'
import type { SharedSecrets } from '../keys/shared-secrets.ts'
import { Problem } from '../problem.ts'
import type { Database } from '../storage/database.ts'
import { listTags } from '../storage/ram-grants.ts'
import { type AccountRules, createPolicyFinder } from './caller-policies.ts'
import type { AccessControl, AccessDecision, AccessRequest } from './access-control.ts'
import { sealDiagnosticMessage } from './diagnostic-message.ts'
import type { PolicyRequest } from './policy/context.ts'
import { decideLayers } from './policy/layers.ts'
import { findResourceAttributes } from './resource-attributes.ts'
import { resourceName } from './resource-name.ts'
import { userWireId } from './wire-ids.ts'

export interface AccessControlPorts {
  readonly db: Pick<Database, 'read' | 'onNotify'>
  readonly secrets: SharedSecrets
  readonly clock: () => number
  /** What an account without a rule of its own does. */
  readonly defaultKeyReading: NonNullable<AccountRules['keyReading']>
}

export function createAccessControl(ports: AccessControlPorts): AccessControl {
  const { db, secrets, clock } = ports
  const policiesOf = createPolicyFinder(db, clock)

  async function prepare(context: RequestContext, request: AccessRequest, resource: string): Promise<PolicyRequest> {
    const { conditionKeys } = await policiesOf(context.caller)
    const asked = request.askedKeys === undefined ? conditionKeys : new Set([...conditionKeys, ...request.askedKeys])
    return { action: request.action, resource, context: await gatherConditions(ports, context, request, resource, asked) }
  }

  /** The first refusal, or undefined. */
  async function findRefusal(context: RequestContext, request: AccessRequest): Promise<AccessDecision | undefined> {
    const { layers } = await policiesOf(context.caller)
    if (layers.root === true) return undefined
    const relativeIds = request.resources === undefined || request.resources.length === 0 ? ['*'] : request.resources
    for (const relativeId of relativeIds) {
      const asked = await prepare(context, request, resourceName(request.action, context.caller.accountId, relativeId))
      const decision = decideLayers(layers, asked)
      if (decision.decision !== 'Allow') return { decision, request: asked }
    }
    return undefined
  }

  function refuse(context: RequestContext, { decision, request }: AccessDecision): Problem {
    if (decision.decision === 'Allow') throw new Error('an Allow is no refusal')
    return new Problem('noPermission', {
      rule: `${request.action} on ${request.resource} is refused.`,
      AuthAction: request.action,
      ...describePrincipal(context.caller),
      PolicyType: decision.policyType,
      NoPermissionType: decision.decision,
      EncodedDiagnosticMessage: sealDiagnosticMessage(secrets, {
        accountId: context.caller.accountId,
        principal: context.caller.principal,
        authPrincipal: describePrincipal(context.caller),
        requestId: context.requestId,
        at: clock(),
        request,
        decision,
      }),
    })
  }

  return {
    policiesOf,
    prepare,
    refuse,
    async assertAllowed(context, request) {
      const refusal = await findRefusal(context, request)
      if (refusal !== undefined) throw refuse(context, refusal)
    },
    async isAllowed(context, request) {
      return (await findRefusal(context, request)) === undefined
    },
    async readsKeysFreely(accountId) {
      const { rules } = await policiesOf({ accountId, identity: { kind: 'account' } })
      return (rules.keyReading ?? ports.defaultKeyReading) === 'original'
    },
  }
}

/** The caller as policies name it in `acs:PrincipalARN`: names in lower case. */
function principalName({ accountId, identity, principal }: Caller): string {
  switch (identity.kind) {
    case 'user':
      return `acs:ram:*:${accountId}:user/${identity.userName.toLowerCase()}`
    case 'session':
      return `acs:ram:*:${accountId}:role/${identity.roleName.toLowerCase()}`
    case 'account':
    case 'anonymous':
      return principal
  }
}

function describePrincipal({ accountId, identity }: Caller): Record<string, string> {
  const owner = { AuthPrincipalOwnerId: String(accountId) }
  switch (identity.kind) {
    case 'user':
      return { AuthPrincipalType: 'SubUser', ...owner, AuthPrincipalDisplayName: userWireId(identity.userId) }
    case 'session':
      return { AuthPrincipalType: 'AssumedRoleUser', ...owner, AuthPrincipalDisplayName: `${identity.roleName}:${identity.sessionName}` }
    case 'account':
      return { AuthPrincipalType: 'Account', ...owner, AuthPrincipalDisplayName: String(accountId) }
    case 'anonymous':
      return { AuthPrincipalType: 'Federated' }
  }
}

/** What is always known costs nothing; what has to be looked up is looked up only if a policy asks for it. */
async function gatherConditions(
  { db, clock }: AccessControlPorts,
  context: RequestContext,
  request: AccessRequest,
  resource: string,
  asked: ReadonlySet<string>,
): Promise<PolicyRequest['context']> {
  const { caller } = context
  const known: Record<string, string | readonly string[]> = {
    'acs:CurrentTime': new Date(clock()).toISOString(),
    'acs:SecureTransport': String(context.secureTransport),
    'acs:MFAPresent': 'false',
    'acs:PrincipalARN': principalName(caller),
    ...(context.sourceIp !== '' && { 'acs:SourceIp': context.sourceIp }),
  }
  const own = [...asked].filter((key) => !(key in alwaysKnown))
  if (own.length === 0) return known
  if (own.some((key) => key.startsWith('acs:principaltag/'))) {
    for (const { key, value } of await tagsOfCaller(db, caller)) known[`acs:PrincipalTag/${key}`] = value
  }
  if (own.some((key) => key.startsWith('acs:resourcetag/') || key.startsWith('yundun-cert:'))) {
    Object.assign(known, await findResourceAttributes(db.read, caller.accountId, resource))
  }
  return { ...known, ...request.conditions?.() }
}

const alwaysKnown: Readonly<Record<string, true>> = {
  'acs:currenttime': true,
  'acs:securetransport': true,
  'acs:mfapresent': true,
  'acs:principalarn': true,
  'acs:sourceip': true,
}

async function tagsOfCaller(
  { read }: AccessControlPorts['db'],
  { accountId, identity }: Caller,
): Promise<{ key: string; value: string }[]> {
  if (identity.kind === 'user') return await listTags(read, accountId, 'user', identity.userId)
  if (identity.kind === 'session') return await listTags(read, accountId, 'role', identity.roleId)
  return []
}
