import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import Ram from '@alicloud/ram20150501'
import { adminCommands } from '../../../src/admin/commands.ts'
import { allowing, codeOf, createRamClient, documentOf } from '../../support/ram-client.ts'
import { describeService } from '../../support/service.ts'
import { type CallAnswer, extension, type SigningKey } from '../../support/signed-call.ts'
import { createTenantAccount, createUserWithKey, outcomeOf, ram as ramVersion, sts as stsVersion } from '../../support/tenants.ts'

/** What a refused call may be explained by. */
function messageOf({ body }: CallAnswer): string {
  assert.equal(body['Code'], 'NoPermission')
  return (body['AccessDeniedDetail'] as Readonly<Record<string, string>>)['EncodedDiagnosticMessage'] ?? assert.fail('no message')
}

const denied = { Effect: 'Deny', Action: 'yundun-cert:ListOrders', Resource: '*' }

describeService('diagnostic messages', (service) => {
  let alice: SigningKey
  const client = () => createRamClient(service())
  const decode = async (encodedDiagnosticMessage: string, by = client()) =>
    (await by.decodeDiagnosticMessage(new Ram.DecodeDiagnosticMessageRequest({ encodedDiagnosticMessage }))).body?.decodedDiagnosticMessage
  /** The answer as it is, with what the client's model leaves out. */
  const decodeWhole = async (EncodedDiagnosticMessage: string) =>
    (await service().succeed('DecodeDiagnosticMessage', { EncodedDiagnosticMessage }, ramVersion))['DecodedDiagnosticMessage'] as Readonly<
      Record<string, readonly Readonly<Record<string, unknown>>[]>
    >
  const refusedMessage = async (key: SigningKey) => messageOf(await service().call('ListOrders', {}, { ...extension, key }))

  before(async () => {
    alice = await createUserWithKey(service(), 'alice')
    const policyDocument = documentOf(allowing('yundun-cert:*'), denied)
    await client().createPolicy(new Ram.CreatePolicyRequest({ policyName: 'no-lists', policyDocument }))
    await client().createGroup(new Ram.CreateGroupRequest({ groupName: 'team' }))
  })

  it('say that nothing allowed a call', async () => {
    const decoded = await decode(await refusedMessage(alice))
    assert.equal(decoded?.authAction, 'yundun-cert:ListOrders')
    assert.equal(decoded.authResource, `acs:yundun-cert:*:${service().accountId}:*`)
    assert.deepEqual([decoded.explicitDeny, decoded.noPermissionPolicyType], [false, 'AccountLevelIdentityBasedPolicy'])
    assert.deepEqual(decoded.matchedPolicies, [])
    assert.equal(decoded.authPrincipal?.authPrincipalType, 'SubUser')
    assert.equal(decoded.authPrincipal.authPrincipalOwnerId, String(service().accountId))
    assert.match(decoded.authPrincipal.authPrincipalDisplayName ?? '', /^2[0-9]{17}$/)
    const address = decoded.authConditions?.find(({ conditionKey }) => conditionKey === 'acs:SourceIp')
    assert.deepEqual(address?.conditionValues, ['127.0.0.1'])
  })

  it('name the statement that refused, its text, and through whom it bears on the caller', async () => {
    const held = { policyType: 'Custom', policyName: 'no-lists' }
    await client().attachPolicyToGroup(new Ram.AttachPolicyToGroupRequest({ ...held, groupName: 'team' }))
    await client().addUserToGroup(new Ram.AddUserToGroupRequest({ userName: 'alice', groupName: 'team' }))
    const message = await refusedMessage(alice)
    const matched = {
      PolicyIdentifier: 'no-lists',
      PolicyType: 'Custom',
      PolicyVersion: 'v1',
      Effect: 'Deny',
      AttachedEntityType: 'RamGroup',
      AttachedScope: 'Account',
    }
    const decoded = await decode(message)
    assert.equal(decoded?.explicitDeny, true)
    assert.deepEqual(
      decoded.matchedPolicies?.map((one) => one.toMap()),
      [matched],
    )
    const [whole] = (await decodeWhole(message))['MatchedPolicies'] ?? []
    assert.deepEqual([whole?.['StatementIndex'], JSON.parse(String(whole?.['Statement']))], [1, denied])
    // Whoever reads the message later sees the statement that decided then, or none.
    const other = { policyName: 'no-lists', policyDocument: documentOf(allowing('*')), setAsDefault: true }
    await client().createPolicyVersion(new Ram.CreatePolicyVersionRequest(other))
    const [after] = (await decodeWhole(message))['MatchedPolicies'] ?? []
    assert.deepEqual([after?.['PolicyVersion'], JSON.parse(String(after?.['Statement']))], ['v1', denied])
    await client().detachPolicyFromGroup(new Ram.DetachPolicyFromGroupRequest({ ...held, groupName: 'team' }))
    await client().deletePolicy(new Ram.DeletePolicyRequest({ policyName: 'no-lists', cascadingDelete: true }))
    await client().createPolicy(
      new Ram.CreatePolicyRequest({ policyName: 'no-lists', policyDocument: documentOf(allowing('a:b'), allowing('c:d')) }),
    )
    const [gone] = (await decodeWhole(message))['MatchedPolicies'] ?? []
    assert.deepEqual(
      [gone?.['PolicyIdentifier'], gone?.['StatementIndex'], gone?.['Statement'], gone?.['AttachedEntityType']],
      ['no-lists', 1, undefined, undefined],
    )
  })

  it('open for the account alone, and for its users who may', async () => {
    const message = await refusedMessage(alice)
    const unknown = '400 InvalidParameter.EncodedDiagnosticMessage'
    const { key } = await createTenantAccount(service(), 'a stranger')
    assert.equal(await codeOf(decode(message, createRamClient(service(), key))), unknown)
    for (const text of ['x', 'AQEAAAAA', `${message.slice(0, -4)}AAAA`, message.slice(8), '中文']) {
      assert.equal(await codeOf(decode(text)), unknown, text.slice(0, 20))
    }
    assert.equal(await codeOf(decode('')), '400 MissingEncodedDiagnosticMessage')
    const its = createRamClient(service(), alice)
    assert.equal(await codeOf(decode(message, its)), '403 NoPermission')
    const policyDocument = documentOf(allowing('ram:DecodeDiagnosticMessage'))
    await client().createPolicy(new Ram.CreatePolicyRequest({ policyName: 'decoder', policyDocument }))
    await client().attachPolicyToUser(new Ram.AttachPolicyToUserRequest({ policyType: 'Custom', policyName: 'decoder', userName: 'alice' }))
    assert.equal(await codeOf(decode(message, its)), 'OK')
  })

  it('show the statement of a trust policy as long as the role is unchanged', async () => {
    const carol = await createUserWithKey(service(), 'carol')
    const arn = `acs:ram::${service().accountId}`
    const sts = { Action: 'sts:AssumeRole' }
    const refusing = { Effect: 'Deny', ...sts, Principal: { RAM: `${arn}:user/carol` } }
    const assumeRolePolicyDocument = documentOf({ Effect: 'Allow', ...sts, Principal: { RAM: `${arn}:root` } }, refusing)
    await client().createRole(new Ram.CreateRoleRequest({ roleName: 'guarded', assumeRolePolicyDocument }))
    const held = { policyType: 'System', policyName: 'AliyunSTSAssumeRoleAccess', userName: 'carol' }
    await client().attachPolicyToUser(new Ram.AttachPolicyToUserRequest(held))
    const given = { RoleArn: `${arn}:role/guarded`, RoleSessionName: 'a-session' }
    const message = messageOf(await service().call('AssumeRole', given, { ...stsVersion, key: carol }))
    const decoded = await decodeWhole(message)
    assert.equal(decoded['NoPermissionPolicyType'], 'AssumeRolePolicy')
    const [matched] = decoded['MatchedPolicies'] ?? []
    assert.deepEqual([matched?.['StatementIndex'], JSON.parse(String(matched?.['Statement']))], [1, refusing])
    await client().updateRole(new Ram.UpdateRoleRequest({ roleName: 'guarded', newDescription: 'changed' }))
    assert.equal((await decodeWhole(message))['MatchedPolicies']?.[0]?.['Statement'], undefined)
  })

  it('of every account open for the operator of the machine', async () => {
    const { key, accountId } = await createTenantAccount(service(), 'a tenant')
    const bob = await createUserWithKey(service(), 'bob', key)
    const policyDecode = adminCommands['policy-decode'] ?? assert.fail('no such command')
    const message = await refusedMessage(bob)
    const decoded = (await policyDecode(service().services, { message })) as Readonly<Record<string, unknown>>
    assert.deepEqual(
      [decoded['accountId'], decoded['principal'], decoded['action'], decoded['decision']],
      [accountId, `acs:ram::${accountId}:user/bob`, 'yundun-cert:ListOrders', 'ImplicitDeny'],
    )
    await assert.rejects(async () => policyDecode(service().services, { message: 7 }), { problem: 'invalidParameter' })
    await assert.rejects(async () => policyDecode(service().services, { message: 'x' }), { problem: 'invalidRamValue' })
    assert.equal(
      outcomeOf(await service().call('DecodeDiagnosticMessage', { EncodedDiagnosticMessage: message }, { ...ramVersion, key })),
      'OK',
    )
  })
})
