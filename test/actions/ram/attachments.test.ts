import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import Ram from '@alicloud/ram20150501'
import { allowing, codeOf, createRamClient, documentOf } from '../../support/ram-client.ts'
import { describeService } from '../../support/service.ts'
import { extension, type SigningKey } from '../../support/signed-call.ts'
import { createUserWithKey, grant, outcomeOf, ram as ramVersion } from '../../support/tenants.ts'
import { writeDirectly } from '../../support/stored.ts'

const policyDocument = documentOf(allowing('yundun-cert:ListOrders'))
const kinds = ['User', 'Group', 'Role'] as const
type Kind = (typeof kinds)[number]
const holders = { User: 'alice', Group: 'team', Role: 'runner' } as const

/** The three families of operations, in one shape. */
function operations(client: Ram.default) {
  const attach = {
    User: (given: object) => client.attachPolicyToUser(new Ram.AttachPolicyToUserRequest({ userName: 'alice', ...given })),
    Group: (given: object) => client.attachPolicyToGroup(new Ram.AttachPolicyToGroupRequest({ groupName: 'team', ...given })),
    Role: (given: object) => client.attachPolicyToRole(new Ram.AttachPolicyToRoleRequest({ roleName: 'runner', ...given })),
  }
  const detach = {
    User: (given: object) => client.detachPolicyFromUser(new Ram.DetachPolicyFromUserRequest({ userName: 'alice', ...given })),
    Group: (given: object) => client.detachPolicyFromGroup(new Ram.DetachPolicyFromGroupRequest({ groupName: 'team', ...given })),
    Role: (given: object) => client.detachPolicyFromRole(new Ram.DetachPolicyFromRoleRequest({ roleName: 'runner', ...given })),
  }
  const list = {
    User: async () => (await client.listPoliciesForUser(new Ram.ListPoliciesForUserRequest({ userName: 'Alice' }))).body?.policies?.policy,
    Group: async () =>
      (await client.listPoliciesForGroup(new Ram.ListPoliciesForGroupRequest({ groupName: 'team' }))).body?.policies?.policy,
    Role: async () => (await client.listPoliciesForRole(new Ram.ListPoliciesForRoleRequest({ roleName: 'runner' }))).body?.policies?.policy,
  }
  return { attach, detach, list }
}

describeService('attachments by the official client', (service) => {
  let alice: SigningKey
  const client = () => createRamClient(service())
  const ops = () => operations(client())
  const makePolicy = (policyName: string) =>
    client().createPolicy(new Ram.CreatePolicyRequest({ policyName, policyDocument, description: 'of a test' }))
  const namesOf = async (kind: Kind) => (await ops().list[kind]())?.map(({ policyName }) => policyName)

  before(async () => {
    alice = await createUserWithKey(service(), 'alice')
    await client().createGroup(new Ram.CreateGroupRequest({ groupName: 'team' }))
    const trust = documentOf({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: `acs:ram::${service().accountId}:root` } })
    await client().createRole(new Ram.CreateRoleRequest({ roleName: 'runner', assumeRolePolicyDocument: trust, description: 'a role' }))
  })

  it('decide the very next call', async () => {
    await makePolicy('reader')
    const call = async () => outcomeOf(await service().call('ListOrders', {}, { ...extension, key: alice }))
    const given = { policyType: 'Custom', policyName: 'reader' }
    for (let turn = 0; turn < 3; turn += 1) {
      assert.equal(await call(), '403 NoPermission')
      await ops().attach.User(given)
      assert.equal(await call(), 'OK')
      await ops().detach.User(given)
    }
    await ops().attach.User({ policyType: 'System', policyName: 'AliyunYundunCertReadOnlyAccess' })
    assert.equal(await call(), 'OK')
    await ops().detach.User({ policyType: 'System', policyName: 'AliyunYundunCertReadOnlyAccess' })
    assert.equal(await call(), '403 NoPermission')
  })

  it('follow the version in force', async () => {
    await makePolicy('changing')
    const call = async () => outcomeOf(await service().call('ListOrders', {}, { ...extension, key: alice }))
    const given = { policyType: 'Custom', policyName: 'changing' }
    await ops().attach.User(given)
    assert.equal(await call(), 'OK')
    const other = { policyName: 'changing', policyDocument: documentOf(allowing('yundun-cert:ListCsr')), setAsDefault: true }
    await client().createPolicyVersion(new Ram.CreatePolicyVersionRequest(other))
    assert.equal(await call(), '403 NoPermission')
    await client().setDefaultPolicyVersion(new Ram.SetDefaultPolicyVersionRequest({ policyName: 'changing', versionId: 'v1' }))
    assert.equal(await call(), 'OK')
    await ops().detach.User(given)
  })

  for (const kind of kinds) {
    it(`of a ${kind.toLowerCase()} are made once, listed, and taken away once`, async () => {
      const policyName = `for-${kind}`
      const given = { policyType: 'Custom', policyName }
      await makePolicy(policyName)
      assert.equal(await codeOf(ops().detach[kind](given)), `404 EntityNotExist.${kind}.Policy`)
      assert.equal(await codeOf(ops().attach[kind]({ policyType: 'Custom', policyName: policyName.toUpperCase() })), 'OK')
      assert.equal(await codeOf(ops().attach[kind](given)), `409 EntityAlreadyExists.${kind}.Policy`)
      assert.equal(await codeOf(ops().attach[kind]({ policyType: 'System', policyName: 'readonlyaccess' })), 'OK')
      const listed = (await ops().list[kind]()) ?? []
      assert.deepEqual(
        new Set(listed.map((one) => `${one.policyType} ${one.policyName} ${one.defaultVersion}`)),
        new Set(['System ReadOnlyAccess v1', `Custom ${policyName} v1`]),
      )
      assert.match(listed[0]?.attachDate ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      assert.equal(
        await codeOf(client().deletePolicy(new Ram.DeletePolicyRequest({ policyName, cascadingDelete: true }))),
        `409 DeleteConflict.Policy.${kind}`,
      )
      assert.equal((await client().getPolicy(new Ram.GetPolicyRequest(given))).body?.policy?.attachmentCount, 1)
      await ops().detach[kind](given)
      await ops().detach[kind]({ policyType: 'System', policyName: 'ReadOnlyAccess' })
      assert.deepEqual(await namesOf(kind), [])
      assert.equal(await codeOf(client().deletePolicy(new Ram.DeletePolicyRequest({ policyName }))), 'OK')
      const events = await service()
        .services.db.read.selectFrom('events')
        .select(['kind', 'detail'])
        .where('resource', '=', `${kind.toLowerCase()}/${holders[kind]}`)
        .where('kind', 'in', ['policy.attached', 'policy.detached'])
        .orderBy('id', 'desc')
        .limit(4)
        .execute()
      assert.deepEqual(
        events.map((event) => [event.kind, (JSON.parse(event.detail) as { policy: string }).policy]),
        [
          ['policy.detached', 'ReadOnlyAccess'],
          ['policy.detached', policyName],
          ['policy.attached', 'ReadOnlyAccess'],
          ['policy.attached', policyName],
        ],
      )
    })

    it(`of a ${kind.toLowerCase()} are refused by name where something is wrong`, async () => {
      const { attach, detach } = ops()
      const nobody = { [`${kind.toLowerCase()}Name`]: 'nobody' }
      for (const change of [attach[kind], detach[kind]]) {
        assert.equal(await codeOf(change({ policyType: 'Custom', policyName: 'none' })), '404 EntityNotExist.Policy')
        assert.equal(await codeOf(change({ policyType: 'Own', policyName: 'none' })), '400 InvalidParameter.PolicyType')
        const known = { policyType: 'System', policyName: 'ReadOnlyAccess' }
        assert.equal(await codeOf(change({ ...known, ...nobody })), `404 EntityNotExist.${kind}`)
        assert.equal(await codeOf(change({ ...known, resourceGroupId: 'rg-1' })), '404 EntityNotExists.ResourceGroup')
        assert.equal(await codeOf(change({ policyName: 'ReadOnlyAccess' })), '400 MissingPolicyType')
      }
      assert.equal(await codeOf(attach[kind]({ policyType: 'System', policyName: 'none' })), '404 EntityNotExist.Policy')
      assert.equal(await codeOf(detach[kind]({ policyType: 'System', policyName: 'none' })), `404 EntityNotExist.${kind}.Policy`)
    })
  }

  it('of custom policies are at most ten of one holder, however many are asked for at once', async () => {
    const names = Array.from({ length: 13 }, (_, index) => `many-${index}`)
    for (const name of names) await makePolicy(name)
    const outcomes = await Promise.all(names.map((policyName) => codeOf(ops().attach.Role({ policyType: 'Custom', policyName }))))
    assert.equal(outcomes.filter((outcome) => outcome === 'OK').length, 10)
    assert.equal(outcomes.filter((outcome) => outcome === '409 LimitExceeded.Role.Policy').length, 3)
    assert.equal(await codeOf(ops().attach.Role({ policyType: 'System', policyName: 'ReadOnlyAccess' })), 'OK')
  })

  it('and deletions at the same time leave nothing that is held by nobody, and nobody who holds nothing', async () => {
    const trust = documentOf({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: `acs:ram::${service().accountId}:root` } })
    for (let round = 0; round < 5; round += 1) {
      const [policyName, roleName] = [`fleeting-${round}`, `fleeting-${round}`]
      await makePolicy(policyName)
      await client().createRole(new Ram.CreateRoleRequest({ roleName, assumeRolePolicyDocument: trust }))
      const attached = codeOf(ops().attach.Role({ policyType: 'Custom', policyName, roleName }))
      const deleted = [
        codeOf(client().deletePolicy(new Ram.DeletePolicyRequest({ policyName }))),
        codeOf(client().deleteRole(new Ram.DeleteRoleRequest({ roleName }))),
      ]
      const [attach, ...deletions] = await Promise.all([attached, ...deleted])
      if (attach === 'OK') assert.deepEqual(deletions, ['409 DeleteConflict.Policy.Role', '409 DeleteConflict.Role.Policy'])
      else assert.match(attach ?? '', /^404 EntityNotExist\.(Policy|Role)$/)
    }
    const { read } = service().services.db
    const orphans = await read
      .selectFrom('ram_attachments')
      .select('holder_id')
      .where('holder_kind', '=', 'role')
      .where('holder_id', 'not in', read.selectFrom('ram_roles').select('id'))
      .execute()
    assert.deepEqual(orphans, [])
  })

  it('of a policy are listed by who holds it', async () => {
    await makePolicy('shared')
    for (const kind of ['User', 'Group'] as const) await ops().attach[kind]({ policyType: 'Custom', policyName: 'shared' })
    await ops().attach.Role({ policyType: 'System', policyName: 'AliyunSTSAssumeRoleAccess' })
    const asked = (policyType: string, policyName: string) =>
      client().listEntitiesForPolicy(new Ram.ListEntitiesForPolicyRequest({ policyType, policyName }))
    const { body } = await asked('Custom', 'Shared')
    assert.match(body?.users?.user?.[0]?.userId ?? '', /^2[0-9]{17}$/)
    assert.deepEqual(
      [body?.users?.user?.map((one) => one.userName), body?.groups?.group?.map((one) => one.groupName), body?.roles?.role],
      [['alice'], ['team'], []],
    )
    const { body: ofSystem } = await asked('System', 'AliyunSTSAssumeRoleAccess')
    assert.deepEqual(
      ofSystem?.roles?.role?.map(({ roleName, arn, description }) => [roleName, arn, description]),
      [['runner', `acs:ram::${service().accountId}:role/runner`, 'a role']],
    )
    assert.equal(await codeOf(asked('Custom', 'none')), '404 EntityNotExist.Policy')
  })

  it('may be a matter of the holder and of the policy', async () => {
    const key = await createUserWithKey(service(), 'delegate')
    await makePolicy('delegated')
    await makePolicy('withheld')
    const account = service().accountId
    await grant(service(), 'delegate', [
      {
        Effect: 'Allow',
        Action: 'ram:AttachPolicyToGroup',
        Resource: [`acs:ram:*:${account}:group/team`, `acs:ram:*:${account}:policy/delegated`],
      },
    ])
    const attach = async (PolicyName: string, GroupName: string) =>
      outcomeOf(await service().call('AttachPolicyToGroup', { PolicyType: 'Custom', PolicyName, GroupName }, { ...ramVersion, key }))
    assert.equal(await attach('withheld', 'team'), '403 NoPermission')
    assert.equal(await attach('delegated', 'others'), '403 NoPermission')
    assert.equal(await attach('delegated', 'team'), 'OK')
  })

  it('of a system policy that is gone grant nothing, are shown, and can be taken away', async () => {
    await writeDirectly(
      service(),
      `insert into ram_attachments (account_id, holder_kind, holder_id, policy_key, policy_id, attached_at)
       select account_id, 'user', id, 'System:oldaccess', null, 1 from ram_users where name = 'alice'`,
    )
    assert.ok((await namesOf('User'))?.includes('oldaccess'))
    await ops().detach.User({ policyType: 'System', policyName: 'OldAccess' })
    assert.ok(!(await namesOf('User'))?.includes('oldaccess'))
  })
})
