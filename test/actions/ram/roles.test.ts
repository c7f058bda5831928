import assert from 'node:assert/strict'
import { it } from 'node:test'
import Ram from '@alicloud/ram20150501'
import { codeOf, createRamClient, documentOf } from '../../support/ram-client.ts'
import { describeService } from '../../support/service.ts'
import { createTenantAccount, createUserWithKey, grant, outcomeOf, ram as ramVersion } from '../../support/tenants.ts'

describeService('roles by the official client', (service) => {
  const client = () => createRamClient(service())
  const trust = (...users: readonly string[]) =>
    documentOf({
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { RAM: users.map((user) => `acs:ram::${service().accountId}:${user}`) },
    })
  const create = async (roleName: string, more: Partial<Ram.CreateRoleRequest> = {}) =>
    (await client().createRole(new Ram.CreateRoleRequest({ roleName, assumeRolePolicyDocument: trust('root'), ...more }))).body?.role
  const get = async (roleName: string) => (await client().getRole(new Ram.GetRoleRequest({ roleName }))).body?.role
  const update = async (roleName: string, more: Partial<Ram.UpdateRoleRequest>) =>
    (await client().updateRole(new Ram.UpdateRoleRequest({ roleName, ...more }))).body?.role

  it('are made, read, changed and deleted', async () => {
    const made = await create('ci.Runner', { description: 'of the pipelines', maxSessionDuration: 7_200 })
    assert.match(made?.roleId ?? '', /^3[0-9]{17}$/)
    assert.equal(made?.arn, `acs:ram::${service().accountId}:role/ci.Runner`)
    assert.deepEqual(
      [made?.roleName, made?.description, made?.maxSessionDuration, made?.assumeRolePolicyDocument],
      ['ci.Runner', 'of the pipelines', 7_200, trust('root')],
    )
    const read = await get('CI.runner')
    assert.deepEqual(read?.toMap(), { ...made?.toMap(), UpdateDate: made?.createDate })
    const changed = await update('ci.runner', { newMaxSessionDuration: 43_200, newAssumeRolePolicyDocument: trust('user/alice') })
    assert.deepEqual(
      [changed?.maxSessionDuration, changed?.assumeRolePolicyDocument, changed?.description],
      [43_200, trust('user/alice'), 'of the pipelines'],
    )
    assert.equal((await update('ci.Runner', { newDescription: 'others' }))?.maxSessionDuration, 43_200)
    const last = await get('ci.Runner')
    assert.deepEqual([last?.description, last?.assumeRolePolicyDocument], ['others', trust('user/alice')])
    await client().deleteRole(new Ram.DeleteRoleRequest({ roleName: 'ci.Runner' }))
    assert.equal(await codeOf(get('ci.Runner')), '404 EntityNotExist.Role')
    const events = await service()
      .services.db.read.selectFrom('events')
      .select('kind')
      .where('resource', '=', 'role/ci.Runner')
      .orderBy('id')
      .execute()
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['role.created', 'role.updated', 'role.updated', 'role.deleted'],
    )
  })

  it('without a longest session have one of an hour', async () => {
    assert.equal((await create('short'))?.maxSessionDuration, 3_600)
  })

  it('are refused by name where something is wrong', async () => {
    await create('taken')
    const identity = documentOf({ Effect: 'Allow', Action: '*', Resource: '*' })
    const tries: [call: () => Promise<unknown>, code: string][] = [
      [() => create('Taken'), '409 EntityAlreadyExists.Role'],
      [() => create('a b'), '400 InvalidParameter.RoleName.InvalidChars'],
      [() => create('x'.repeat(65)), '400 InvalidParameter.RoleName.Length'],
      [() => create('fine', { assumeRolePolicyDocument: identity }), '400 MalformedPolicyDocument'],
      [() => create('fine', { assumeRolePolicyDocument: '' }), '400 MissingAssumeRolePolicyDocument'],
      [() => create('fine', { maxSessionDuration: 3_599 }), '400 InvalidParameter.MaxSessionDuration'],
      [() => create('fine', { maxSessionDuration: 43_201 }), '400 InvalidParameter.MaxSessionDuration'],
      [() => create('fine', { description: 'x'.repeat(1_025) }), '400 InvalidParameter.Description.Length'],
      [() => get('fine'), '404 EntityNotExist.Role'],
      [() => update('fine', { newDescription: 'x' }), '404 EntityNotExist.Role'],
      [() => update('taken', { newMaxSessionDuration: 60 }), '400 InvalidParameter.NewMaxSessionDuration'],
      [() => update('taken', { newAssumeRolePolicyDocument: identity }), '400 MalformedPolicyDocument'],
      [() => client().deleteRole(new Ram.DeleteRoleRequest({ roleName: 'fine' })), '404 EntityNotExist.Role'],
    ]
    for (const [call, code] of tries) assert.equal(await codeOf(call()), code)
    assert.equal((await get('taken'))?.assumeRolePolicyDocument, trust('root'))
  })

  it('with policies are not deleted', async () => {
    await create('holder')
    const held = { policyType: 'System', policyName: 'AliyunYundunCertReadOnlyAccess', roleName: 'holder' }
    await client().attachPolicyToRole(new Ram.AttachPolicyToRoleRequest(held))
    const remove = () => codeOf(client().deleteRole(new Ram.DeleteRoleRequest({ roleName: 'holder' })))
    assert.equal(await remove(), '409 DeleteConflict.Role.Policy')
    await client().detachPolicyFromRole(new Ram.DetachPolicyFromRoleRequest(held))
    assert.equal(await remove(), 'OK')
  })

  it('are listed in pages and by tag, and those of another account do not exist', async () => {
    const { key } = await createTenantAccount(service(), 'who has roles')
    const own = createRamClient(service(), key)
    for (const roleName of ['one', 'two', 'three']) {
      const tag = roleName === 'one' ? [] : [new Ram.CreateRoleRequestTag({ key: 'team', value: roleName })]
      await own.createRole(new Ram.CreateRoleRequest({ roleName, assumeRolePolicyDocument: trust('root'), tag }))
    }
    const list = async (more: Partial<Ram.ListRolesRequest>) => (await own.listRoles(new Ram.ListRolesRequest(more))).body
    const first = await list({ maxItems: 2 })
    assert.deepEqual([first?.roles?.role?.map(({ roleName }) => roleName), first?.isTruncated], [['one', 'two'], true])
    const rest = await list({ maxItems: 2, marker: first?.marker ?? '' })
    assert.deepEqual([rest?.roles?.role?.map(({ roleName }) => roleName), rest?.isTruncated, rest?.marker], [['three'], false, undefined])
    const tagged = await list({ tag: [new Ram.ListRolesRequestTag({ key: 'team', value: 'three' })] })
    assert.deepEqual(
      tagged?.roles?.role?.map(({ roleName, tags }) => [roleName, tags?.tag?.map(({ tagKey, tagValue }) => `${tagKey}=${tagValue}`)]),
      [['three', ['team=three']]],
    )
    assert.equal(await codeOf(get('three')), '404 EntityNotExist.Role')
  })

  it('are not reached past a Deny by another spelling of their name', async () => {
    await create('Guarded')
    const key = await createUserWithKey(service(), 'role-editor')
    await grant(service(), 'role-editor', [
      { Effect: 'Allow', Action: 'ram:*', Resource: '*' },
      { Effect: 'Deny', Action: 'ram:*', Resource: 'acs:ram:*:*:role/Guarded' },
    ])
    const asked = { RoleName: 'guarded', PolicyType: 'System', PolicyName: 'ReadOnlyAccess', NewDescription: 'x' }
    for (const action of ['GetRole', 'UpdateRole', 'DeleteRole', 'AttachPolicyToRole', 'DetachPolicyFromRole', 'ListPoliciesForRole']) {
      assert.equal(outcomeOf(await service().call(action, asked, { ...ramVersion, key })), '403 NoPermission', action)
    }
  })
})
