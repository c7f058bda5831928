import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { evaluate } from '../../../src/ram/policy/evaluate.ts'
import { parsePolicyDocument } from '../../../src/ram/policy/parse-policy.ts'
import { systemPolicies } from '../../../src/ram/policy/system-policies.ts'
import { named, request, statement } from './documents.ts'

function decide(name: string, action: string): string {
  const policy = systemPolicies.get(name)
  assert.ok(policy)
  return evaluate([policy], request({ action })).decision
}

const cases: readonly (readonly [policy: string, action: string, decision: string])[] = [
  ['AdministratorAccess', 'ram:CreateUser', 'Allow'],
  ['AdministratorAccess', 'yundun-cert:GetPrivateKey', 'Allow'],
  ['ReadOnlyAccess', 'yundun-cert:ListCsr', 'Allow'],
  ['ReadOnlyAccess', 'ram:GetUser', 'Allow'],
  ['ReadOnlyAccess', 'ram:CreateUser', 'ImplicitDeny'],
  ['ReadOnlyAccess', 'sts:AssumeRole', 'ImplicitDeny'],
  ['ReadOnlyAccess', 'yundun-cert:GetPrivateKey', 'ExplicitDeny'],
  ['AliyunYundunCertFullAccess', 'yundun-cert:CreateCertificateRequest', 'Allow'],
  ['AliyunYundunCertFullAccess', 'yundun-cert:GetPrivateKey', 'Allow'],
  ['AliyunYundunCertFullAccess', 'ram:GetUser', 'ImplicitDeny'],
  ['AliyunYundunCertReadOnlyAccess', 'yundun-cert:GetUserCertificateDetail', 'Allow'],
  ['AliyunYundunCertReadOnlyAccess', 'yundun-cert:DescribeCertificateState', 'Allow'],
  ['AliyunYundunCertReadOnlyAccess', 'yundun-cert:QueryAnything', 'Allow'],
  ['AliyunYundunCertReadOnlyAccess', 'yundun-cert:ListUserCertificateOrder', 'Allow'],
  ['AliyunYundunCertReadOnlyAccess', 'yundun-cert:GetPrivateKey', 'ExplicitDeny'],
  ['AliyunYundunCertReadOnlyAccess', 'yundun-cert:DescribeSSLCertificatePrivateKey', 'ExplicitDeny'],
  ['AliyunYundunCertReadOnlyAccess', 'yundun-cert:CreateCertificateRequest', 'ImplicitDeny'],
  ['AliyunYundunCertReadOnlyAccess', 'yundun-cert:Decrypt', 'ImplicitDeny'],
  ['AliyunYundunCertReadOnlyAccess', 'ram:GetUser', 'ImplicitDeny'],
  ['AliyunSTSAssumeRoleAccess', 'sts:AssumeRole', 'Allow'],
  ['AliyunSTSAssumeRoleAccess', 'yundun-cert:ListCsr', 'ImplicitDeny'],
]

describe('system policies', () => {
  for (const [policy, action, decision] of cases) {
    it(`${policy} decides ${action} as ${decision}`, () => assert.equal(decide(policy, action), decision))
  }

  it('a reader does not get private keys by another policy either', () => {
    const reader = systemPolicies.get('AliyunYundunCertReadOnlyAccess')
    assert.ok(reader)
    assert.equal(evaluate([named([statement()]), reader], request({ action: 'yundun-cert:GetPrivateKey' })).decision, 'ExplicitDeny')
  })

  it('their texts are valid custom policies too', () => {
    assert.equal(systemPolicies.size, 5)
    for (const [name, policy] of systemPolicies) {
      assert.equal(policy.name, name)
      assert.equal(parsePolicyDocument(policy.text, { setOperators: false }).statements.length, policy.document.statements.length)
    }
  })
})
