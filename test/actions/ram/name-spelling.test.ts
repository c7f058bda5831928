import assert from 'node:assert/strict'
import { it } from 'node:test'
import { describeService } from '../../support/service.ts'
import { createUserWithKey, grant, outcomeOf, ram } from '../../support/tenants.ts'

describeService('a Deny for one name', (service) => {
  it('is not passed by spelling the name in another case', async () => {
    await createUserWithKey(service(), 'Alice')
    await service().succeed('CreateGroup', { GroupName: 'Admins' }, ram)
    const key = await createUserWithKey(service(), 'helper')
    const { accountId } = service()
    const take = await grant(service(), 'helper', [
      { Effect: 'Allow', Action: 'ram:*', Resource: '*' },
      { Effect: 'Deny', Action: 'ram:*', Resource: [`acs:ram:*:${accountId}:user/Alice`, `acs:ram:*:${accountId}:group/Admins`] },
    ])
    const calls: [string, Record<string, string>][] = [
      ['GetUser', { UserName: 'alice' }],
      ['UpdateUser', { UserName: 'ALICE', NewComments: 'x' }],
      ['DeleteUser', { UserName: 'alice' }],
      ['CreateAccessKey', { UserName: 'alice' }],
      ['ListAccessKeys', { UserName: 'aLice' }],
      ['ListGroupsForUser', { UserName: 'alice' }],
      ['GetGroup', { GroupName: 'admins' }],
      ['UpdateGroup', { GroupName: 'admins', NewComments: 'x' }],
      ['DeleteGroup', { GroupName: 'admins' }],
      ['ListUsersForGroup', { GroupName: 'admins' }],
      ['AddUserToGroup', { UserName: 'helper', GroupName: 'admins' }],
      ['TagResources', { ResourceType: 'user', 'ResourceNames.1': 'alice', 'Tag.1.Key': 'k', 'Tag.1.Value': 'v' }],
      ['TagResources', { ResourceType: 'user', ResourceNames: '["alice"]', Tag: '[{"Key":"k","Value":"v"}]' }],
      ['ListTagResources', { ResourceType: 'user', 'ResourceNames.1': 'alice' }],
      ['AttachPolicyToUser', { UserName: 'alice', PolicyName: 'ReadOnlyAccess', PolicyType: 'System' }],
    ]
    for (const [action, input] of calls) {
      assert.equal(outcomeOf(await service().call(action, input, { ...ram, key })), '403 NoPermission', action)
    }
    assert.equal(outcomeOf(await service().call('GetUser', { UserName: 'HELPER' }, { ...ram, key })), 'OK')
    await take()
  })
})
