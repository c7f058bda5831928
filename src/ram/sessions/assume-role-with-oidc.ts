import type { RequestContext } from '../../gateway/caller.ts'
import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { type AssumableRole, findAssumableRole } from '../../storage/assumable-roles.ts'
import { originOf } from '../../storage/events.ts'
import { findTrustedOidcProvider, type OidcProviderRow } from '../../storage/oidc-providers.ts'
import { nameKey } from '../name-key.ts'
import { providerArn } from '../oidc/provider.ts'
import { assertTokenForm, type VerifiedToken, verifyOidcToken } from '../oidc/verify-token.ts'
import { decideAssumeRole } from '../policy/layers.ts'
import { beginSession, type BegunSession, type SessionServices } from './begin-session.ts'
import { type NamedRole, parseRoleArn, roleResource } from './role-name.ts'
import { readTrust } from './role-trust.ts'
import { assertDurationOfRole, assertPolicyGrammar, assertPolicySize, parseDuration, parseSessionText } from './session-terms.ts'

/** The parameters of AssumeRoleWithOIDC; undefined where one was not given. */
export interface AssumeRoleWithOidcInput {
  readonly providerArn: string
  readonly token: string
  readonly roleArn: string
  readonly sessionName: string
  readonly durationSeconds: number | undefined
  readonly policy: string | undefined
}

type OidcServices = SessionServices & Pick<Services, 'access' | 'issuerKeys'>

/**
 * Begins a session for somebody whom an identity provider vouches for: the token is verified, then the role's trust policy decides, which sees its
 * claims as `oidc:iss`, `oidc:aud` and `oidc:sub`. Provider and role are of one account. A role that does not exist and one that does not trust
 * are answered alike.
 *
 * @throws Problem invalidRamValue, sessionPolicySize, sessionPolicyGrammar, oidcNoPermission, and those of `verifyOidcToken`
 */
export async function assumeRoleWithOidc(
  services: OidcServices,
  context: RequestContext,
  input: AssumeRoleWithOidcInput,
): Promise<BegunSession & { readonly token: VerifiedToken }> {
  const named = parseRoleArn(input.roleArn)
  const namedProvider = parseProviderArn(input.providerArn)
  const sessionName = parseSessionText(input.sessionName, 'RoleSessionName')
  const durationSeconds = parseDuration(input.durationSeconds)
  assertPolicySize(input.policy)
  assertTokenForm(input.token)
  const provider = await findTrustedOidcProvider(services.db.read, namedProvider.accountId, nameKey(namedProvider.name))
  if (provider === undefined) throw new Problem('oidcNoPermission', { rule: 'No such OIDC Provider registered.' })
  const token = await verifyOidcToken(services.issuerKeys, { token: input.token, provider, now: services.wallClock() })
  const role = await findTrustingRole(services, context, named, { provider, token })
  if (role === undefined) throw new Problem('oidcNoPermission', { rule: 'There is no permission.' })
  assertDurationOfRole(durationSeconds, role.max_session_seconds)
  assertPolicyGrammar(input.policy, role.set_operators === 1)
  const session = await beginSession(
    services,
    { role, sessionName, durationSeconds, policy: input.policy, sourceIdentity: undefined },
    {
      caller: null,
      provider: { id: provider.id, updatedAt: provider.updated_at },
      origin: { ...originOf(context), principal: providerArn(provider.account_id, provider.name) },
      detail: { oidcIssuer: token.issuer, oidcSubject: token.subject, oidcAudience: token.knownAudiences.join(',') },
    },
  )
  return { ...session, token }
}

async function findTrustingRole(
  { db, access }: OidcServices,
  context: RequestContext,
  named: NamedRole,
  { provider, token }: { readonly provider: OidcProviderRow; readonly token: VerifiedToken },
): Promise<AssumableRole | undefined> {
  if (named.accountId !== provider.account_id) return undefined
  const role = await findAssumableRole(db.read, named.accountId, nameKey(named.name))
  if (role === undefined) return undefined
  const { trust, askedKeys } = readTrust(role.trust_document, {
    kind: 'federated',
    providerArn: providerArn(provider.account_id, provider.name),
  })
  const claims = {
    'oidc:iss': token.issuer,
    // What the token says to others is not for a policy of ours.
    'oidc:aud': token.knownAudiences,
    'oidc:sub': token.subject,
  }
  const resource = roleResource({ accountId: role.account_id, name: role.name })
  const request = await access.prepare(context, { action: 'sts:AssumeRole', conditions: () => claims, askedKeys }, resource)
  return decideAssumeRole(undefined, trust, request).decision === 'Allow' ? role : undefined
}

/** @throws Problem invalidRamValue (`InvalidParameter.OIDCProviderArn`) */
function parseProviderArn(arn: string): NamedRole {
  const [, account = '', name = ''] = /^acs:ram::([1-9][0-9]{15}):oidc-provider\/([A-Za-z0-9._-]{1,128})$/.exec(arn) ?? []
  const accountId = Number(account)
  if (name === '' || !Number.isSafeInteger(accountId)) {
    throw new Problem('invalidRamValue', { P: 'OIDCProviderArn', rule: 'It has the form acs:ram::<account>:oidc-provider/<name>.' })
  }
  return { accountId, name }
}
