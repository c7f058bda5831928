import assert from 'node:assert/strict'
import { it } from 'node:test'
import { describeService } from '../../support/service.ts'
import { ram } from '../../support/tenants.ts'

describeService('tags of users', (service) => {
  it('are listed without a name: those of all users', async () => {
    const call = (action: string, input: Readonly<Record<string, string>>) => service().succeed(action, input, ram)
    for (const UserName of ['alice', 'bob']) await call('CreateUser', { UserName })
    await call('TagResources', { ResourceType: 'user', 'ResourceNames.1': 'alice', 'Tag.1.Key': 'team', 'Tag.1.Value': 'web' })
    const { TagResources } = await call('ListTagResources', { ResourceType: 'user' })
    assert.deepEqual(TagResources, [{ ResourceType: 'user', ResourceName: 'alice', TagKey: 'team', TagValue: 'web' }])
  })
})
