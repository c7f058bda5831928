import assert from 'node:assert/strict'
import type { TestService } from './service.ts'
import type { CallAnswer, CallOptions, SigningKey } from './signed-call.ts'
import { type PolicyStatement, ram, sts } from './tenants.ts'

/** The key of a session. */
export interface SessionKey extends SigningKey {
  readonly securityToken: string
  /** As the answer wrote it. */
  readonly expiration: string
}

/** Makes a role that trusts these principals; the ARN is answered. */
export async function createTrustingRole(
  service: TestService,
  RoleName: string,
  trust: PolicyStatement | readonly PolicyStatement[],
  { key, ...parameters }: { key?: SigningKey; MaxSessionDuration?: string } = {},
): Promise<string> {
  const statements = (Array.isArray(trust) ? trust : [trust]) as readonly PolicyStatement[]
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '1',
    Statement: statements.map((statement) => ({ Effect: 'Allow', Action: 'sts:AssumeRole', ...statement })),
  })
  const by = { ...ram, ...(key && { key }) }
  const { Role } = await service.succeed('CreateRole', { RoleName, AssumeRolePolicyDocument, ...parameters }, by)
  return String((Role as Readonly<Record<string, unknown>>)['Arn'])
}

/** Calls AssumeRole as somebody with a key, or with the key of a session. */
export async function callAssumeRole(
  service: TestService,
  key: SigningKey | SessionKey,
  RoleArn: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<CallAnswer> {
  return await callAs(service, key, 'AssumeRole', { RoleArn, RoleSessionName: 'a-session', ...parameters }, sts)
}

/** The same for one that must succeed. */
export async function assumeRole(
  service: TestService,
  key: SigningKey | SessionKey,
  RoleArn: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<SessionKey> {
  const answer = await callAssumeRole(service, key, RoleArn, parameters)
  assert.equal(answer.status, 200, answer.text)
  return readSessionKey(answer)
}

/** The key in the answer of AssumeRole and AssumeRoleWithOIDC. */
export function readSessionKey({ body }: CallAnswer): SessionKey {
  const { AccessKeyId, AccessKeySecret, SecurityToken, Expiration } = body['Credentials'] as Readonly<Record<string, string>>
  return {
    accessKeyId: AccessKeyId ?? assert.fail(),
    secret: AccessKeySecret ?? assert.fail(),
    securityToken: SecurityToken ?? assert.fail(),
    expiration: Expiration ?? assert.fail(),
  }
}

/** A call that is signed with a key of whatever kind. */
export async function callAs(
  service: TestService,
  key: SigningKey | SessionKey,
  action: string,
  parameters: Readonly<Record<string, string>> = {},
  options: CallOptions = {},
): Promise<CallAnswer> {
  const token = 'securityToken' in key ? { SecurityToken: key.securityToken } : {}
  return await service.call(action, { ...parameters, ...token }, { ...options, key })
}
