import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decideTrust, type TrustCaller } from '../../../src/ram/policy/trust.ts'
import { account, namedTrust, request } from './documents.ts'

const other = 2345678901234567
const arn = (id: number, rest: string) => `acs:ram::${id}:${rest}`

function decide(statements: readonly object[], caller: TrustCaller, context: Record<string, string | string[]> = {}): string {
  const asked = request({ action: 'sts:AssumeRole', resource: arn(account, 'role/issuer'), context })
  return decideTrust({ policy: namedTrust(statements), caller }, asked).decision
}

const trusting = (principal: object, given: object = {}) => ({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: principal, ...given })
const user = (name: string, accountId = account): TrustCaller => ({ kind: 'user', accountId, name })
const role = (name: string, accountId = account): TrustCaller => ({ kind: 'role', accountId, name })

describe('trust policies', () => {
  it("an account's name stands for its users and roles, and for no one else's", () => {
    const statements = [trusting({ RAM: arn(account, 'root') })]
    assert.equal(decide(statements, user('alice')), 'Allow')
    assert.equal(decide(statements, role('ci')), 'Allow')
    assert.equal(decide(statements, user('alice', other)), 'ImplicitDeny')
    assert.equal(decide(statements, { kind: 'account', accountId: account }), 'ImplicitDeny')
    assert.equal(decide(statements, { kind: 'service', name: 'root' }), 'ImplicitDeny')
    assert.equal(decide(statements, { kind: 'federated', providerArn: arn(account, 'root') }), 'ImplicitDeny')
  })

  it('users and roles are told apart by kind, name and account', () => {
    const statements = [trusting({ RAM: [arn(account, 'user/alice'), arn(other, 'role/ci')] })]
    assert.equal(decide(statements, user('alice')), 'Allow')
    assert.equal(decide(statements, role('ci', other)), 'Allow')
    assert.equal(decide(statements, role('alice')), 'ImplicitDeny')
    assert.equal(decide(statements, user('alice2')), 'ImplicitDeny')
    assert.equal(decide(statements, user('alice', other)), 'ImplicitDeny')
    assert.equal(decide(statements, role('ci')), 'ImplicitDeny')
  })

  it('a name in another case is not allowed, and denied all the same', () => {
    assert.equal(decide([trusting({ RAM: arn(account, 'user/Alice') })], user('alice')), 'ImplicitDeny')
    const deny = trusting({ RAM: arn(account, 'user/Alice') }, { Effect: 'Deny' })
    assert.equal(decide([trusting({ RAM: arn(account, 'root') }), deny], user('alice')), 'ExplicitDeny')
    assert.equal(decide([trusting({ RAM: arn(account, 'root') }), deny], user('bob')), 'Allow')
  })

  it('services are named exactly', () => {
    const statements = [trusting({ Service: ['cas.aliyuncs.com'] })]
    assert.equal(decide(statements, { kind: 'service', name: 'cas.aliyuncs.com' }), 'Allow')
    assert.equal(decide(statements, { kind: 'service', name: 'xcas.aliyuncs.com' }), 'ImplicitDeny')
  })

  it('a federated caller needs its provider and the claims that the conditions want', () => {
    const providerArn = arn(account, 'oidc-provider/ci')
    const condition = {
      StringEquals: { 'oidc:iss': 'https://issuer.example', 'oidc:aud': 'sts.aliyuncs.com' },
      StringLike: { 'oidc:sub': 'repo:team/*:ref:refs/heads/main' },
    }
    const statements = [trusting({ Federated: [providerArn] }, { Condition: condition })]
    const claims = { 'oidc:iss': 'https://issuer.example', 'oidc:aud': 'sts.aliyuncs.com', 'oidc:sub': 'repo:team/web:ref:refs/heads/main' }
    const caller: TrustCaller = { kind: 'federated', providerArn }
    assert.equal(decide(statements, caller, claims), 'Allow')
    assert.equal(decide(statements, caller, { ...claims, 'oidc:aud': 'another' }), 'ImplicitDeny')
    assert.equal(decide(statements, caller, { ...claims, 'oidc:aud': ['sts.aliyuncs.com', 'another'] }), 'ImplicitDeny')
    assert.equal(decide(statements, caller, { ...claims, 'oidc:sub': 'repo:stranger/web:ref:refs/heads/main' }), 'ImplicitDeny')
    assert.equal(decide(statements, caller, { 'oidc:iss': claims['oidc:iss'], 'oidc:aud': claims['oidc:aud'] }), 'ImplicitDeny')
    assert.equal(decide(statements, { kind: 'federated', providerArn: `${providerArn}2` }, claims), 'ImplicitDeny')
  })

  it('only the action that the statement names is allowed', () => {
    assert.equal(decide([trusting({ RAM: arn(account, 'root') }, { Action: 'sts:SetSourceIdentity' })], user('alice')), 'ImplicitDeny')
  })
})
