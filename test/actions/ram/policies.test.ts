import assert from 'node:assert/strict'
import { it } from 'node:test'
import Ram from '@alicloud/ram20150501'
import { systemPolicies } from '../../../src/ram/policy/system-policies.ts'
import { allowing, codeOf, createRamClient, documentOf } from '../../support/ram-client.ts'
import { describeService } from '../../support/service.ts'
import { writeDirectly } from '../../support/stored.ts'
import { createTenantAccount, createUserWithKey, grant, outcomeOf, ram as ramVersion } from '../../support/tenants.ts'

const policyDocument = documentOf(allowing('yundun-cert:ListCsr'))
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

describeService('policies by the official client', (service) => {
  const client = () => createRamClient(service())
  const create = async (policyName: string, more: Partial<Ram.CreatePolicyRequest> = {}) =>
    (await client().createPolicy(new Ram.CreatePolicyRequest({ policyName, policyDocument, ...more }))).body
  const get = async (policyName: string, policyType = 'Custom') =>
    (await client().getPolicy(new Ram.GetPolicyRequest({ policyName, policyType }))).body
  const addVersion = async (policyName: string, more: Partial<Ram.CreatePolicyVersionRequest> = {}) =>
    (await client().createPolicyVersion(new Ram.CreatePolicyVersionRequest({ policyName, policyDocument, ...more }))).body?.policyVersion
  const versions = async (policyName: string, policyType = 'Custom') =>
    (
      await client().listPolicyVersions(new Ram.ListPolicyVersionsRequest({ policyName, policyType }))
    ).body?.policyVersions?.policyVersion?.map(({ versionId, isDefaultVersion }) => `${versionId}${isDefaultVersion ? '*' : ''}`)

  it('are made, read, described anew and deleted', async () => {
    const made = (await create('a-policy', { description: 'first words' }))?.policy
    assert.match(made?.createDate ?? '', time)
    assert.deepEqual(made?.toMap(), {
      PolicyName: 'a-policy',
      PolicyType: 'Custom',
      Description: 'first words',
      DefaultVersion: 'v1',
      CreateDate: made?.createDate,
    })
    const { policy, defaultPolicyVersion } = (await get('A-Policy')) ?? {}
    assert.deepEqual([policy?.policyName, policy?.attachmentCount, policy?.updateDate], ['a-policy', 0, policy?.createDate])
    assert.deepEqual(
      [defaultPolicyVersion?.versionId, defaultPolicyVersion?.isDefaultVersion, defaultPolicyVersion?.policyDocument],
      ['v1', true, policyDocument],
    )
    const update = new Ram.UpdatePolicyDescriptionRequest({ policyName: 'a-policy', newDescription: 'other words' })
    assert.equal((await client().updatePolicyDescription(update)).body?.policy?.description, 'other words')
    assert.equal((await get('a-policy'))?.policy?.description, 'other words')
    await client().deletePolicy(new Ram.DeletePolicyRequest({ policyName: 'a-policy' }))
    assert.equal(await codeOf(get('a-policy')), '404 EntityNotExist.Policy')
    const rows = await service()
      .services.db.read.selectFrom('events')
      .select('kind')
      .where('resource', '=', 'policy/a-policy')
      .orderBy('id')
      .execute()
    assert.deepEqual(
      rows.map(({ kind }) => kind),
      ['policy.created', 'policy.updated', 'policy.deleted'],
    )
  })

  it('are refused by name where something is wrong', async () => {
    await create('taken')
    const tries: [call: () => Promise<unknown>, code: string][] = [
      [() => create('Taken'), '409 EntityAlreadyExists.Policy'],
      [() => create('administratoraccess'), '409 EntityAlreadyExists.Policy'],
      [() => create('under_score'), '400 InvalidParameter.PolicyName.InvalidChars'],
      [() => create('x'.repeat(129)), '400 InvalidParameter.PolicyName.Length'],
      [() => create('fine', { description: 'x'.repeat(1_025) }), '400 InvalidParameter.Description.Length'],
      [() => create('fine', { policyDocument: '' }), '400 MissingPolicyDocument'],
      [() => create('fine', { policyDocument: ' '.repeat(6_145) }), '400 InvalidParameter.PolicyDocument.Length'],
      [() => create('fine', { policyDocument: '{' }), '400 MalformedPolicyDocument'],
      [() => create('fine', { policyDocument: documentOf({ Effect: 'Allow', Action: '*' }) }), '400 MalformedPolicyDocument'],
      [() => create('fine', { tag: [new Ram.CreatePolicyRequestTag({ key: 'acs:x', value: '' })] }), '400 InvalidParameter'],
      [() => get('taken', 'Customs'), '400 InvalidParameter.PolicyType'],
      [() => get('taken', 'System'), '404 EntityNotExist.Policy'],
      [() => get('fine'), '404 EntityNotExist.Policy'],
      [() => client().deletePolicy(new Ram.DeletePolicyRequest({ policyName: 'AdministratorAccess' })), '404 EntityNotExist.Policy'],
      [() => addVersion('AdministratorAccess'), '404 EntityNotExist.Policy'],
    ]
    for (const [call, code] of tries) assert.equal(await codeOf(call()), code)
  })

  it('may use set operators only where the account has switched them on', async () => {
    const given = { policyDocument: documentOf({ ...allowing('*'), Condition: { StringEqualsIfExists: { 'acs:SourceIp': 'x' } } }) }
    assert.equal(await codeOf(create('set-operators', given)), '400 MalformedPolicyDocument')
    await writeDirectly(service(), 'update accounts set set_operators = 1 where id = ?', [service().accountId])
    await create('set-operators', given)
    await writeDirectly(service(), 'update accounts set set_operators = 0 where id = ?', [service().accountId])
  })

  it('have up to five versions, of which one is in force', async () => {
    await create('versioned')
    const other = documentOf(allowing('yundun-cert:GetCsrDetail'))
    const second = await addVersion('versioned', { policyDocument: other })
    assert.deepEqual([second?.versionId, second?.isDefaultVersion, second?.policyDocument], ['v2', false, other])
    assert.equal((await addVersion('versioned', { setAsDefault: true }))?.isDefaultVersion, true)
    await addVersion('versioned')
    await addVersion('versioned')
    assert.deepEqual(await versions('versioned'), ['v1', 'v2', 'v3*', 'v4', 'v5'])
    assert.equal(await codeOf(addVersion('versioned')), '409 LimitExceeded.Policy.Version')
    assert.equal(await codeOf(addVersion('versioned', { rotateStrategy: 'None' })), '409 LimitExceeded.Policy.Version')
    const rotate = { rotateStrategy: 'DeleteOldestNonDefaultVersionWhenLimitExceeded' }
    assert.equal((await addVersion('versioned', rotate))?.versionId, 'v6')
    assert.deepEqual(await versions('versioned'), ['v2', 'v3*', 'v4', 'v5', 'v6'])
    // The one in force stays until the new one is.
    await client().setDefaultPolicyVersion(new Ram.SetDefaultPolicyVersionRequest({ policyName: 'versioned', versionId: 'v2' }))
    await addVersion('versioned', { ...rotate, setAsDefault: true })
    assert.deepEqual(await versions('versioned'), ['v2', 'v4', 'v5', 'v6', 'v7*'])
    const read = new Ram.GetPolicyVersionRequest({ policyName: 'versioned', policyType: 'Custom', versionId: 'v2' })
    assert.equal((await client().getPolicyVersion(read)).body?.policyVersion?.policyDocument, other)
    assert.equal((await get('versioned'))?.policy?.defaultVersion, 'v7')
  })

  it('lose a version, but never the one in force, and no number is given twice', async () => {
    await create('shrinking')
    await addVersion('shrinking')
    const remove = (versionId: string) =>
      codeOf(client().deletePolicyVersion(new Ram.DeletePolicyVersionRequest({ policyName: 'shrinking', versionId })))
    const put = (versionId: string) =>
      codeOf(client().setDefaultPolicyVersion(new Ram.SetDefaultPolicyVersionRequest({ policyName: 'shrinking', versionId })))
    assert.equal(await remove('v1'), '409 DeleteConflict.Policy.Version.Default')
    assert.equal(await remove('2'), '400 InvalidParameter.VersionId.Format')
    assert.equal(await remove('v3'), '404 EntityNotExist.Policy.Version')
    assert.equal(await put('v3'), '404 EntityNotExist.Policy.Version')
    assert.equal(await remove('v2'), 'OK')
    assert.equal((await addVersion('shrinking'))?.versionId, 'v3')
    const asked = { policyName: 'shrinking', policyType: 'Custom', versionId: 'v2' }
    assert.equal(await codeOf(client().getPolicyVersion(new Ram.GetPolicyVersionRequest(asked))), '404 EntityNotExist.Policy.Version')
  })

  it('are deleted with their versions only if that is said', async () => {
    await create('layered')
    await addVersion('layered')
    const remove = (more: object) => codeOf(client().deletePolicy(new Ram.DeletePolicyRequest({ policyName: 'layered', ...more })))
    assert.equal(await remove({}), '409 DeleteConflict.Policy.Version')
    assert.equal(await remove({ cascadingDelete: false }), '409 DeleteConflict.Policy.Version')
    assert.deepEqual(await versions('layered'), ['v1*', 'v2'])
    assert.equal(await remove({ cascadingDelete: true }), 'OK')
    assert.equal(await codeOf(get('layered')), '404 EntityNotExist.Policy')
  })

  it('are listed in pages, those of the system first, and by type and tag', async () => {
    const { key } = await createTenantAccount(service(), 'who lists')
    const own = createRamClient(service(), key)
    for (const policyName of ['one', 'two', 'three']) {
      const tag = policyName === 'one' ? [] : [new Ram.CreatePolicyRequestTag({ key: 'team', value: policyName })]
      await own.createPolicy(new Ram.CreatePolicyRequest({ policyName, policyDocument, tag }))
    }
    const list = async (more: Partial<Ram.ListPoliciesRequest>) => (await own.listPolicies(new Ram.ListPoliciesRequest(more))).body
    const namesOf = (body: Awaited<ReturnType<typeof list>>) => body?.policies?.policy?.map(({ policyName }) => policyName)
    const all = [...systemPolicies.keys(), 'one', 'two', 'three']
    assert.deepEqual(namesOf(await list({})), all)
    assert.deepEqual(namesOf(await list({ policyType: 'System' })), [...systemPolicies.keys()])
    const seen: (string | undefined)[] = []
    for (let marker: string | undefined; ;) {
      const body = await list({ maxItems: 2, ...(marker !== undefined && { marker }) })
      seen.push(...(namesOf(body) ?? []))
      marker = body?.marker
      assert.equal(body?.isTruncated, marker !== undefined)
      if (marker === undefined) break
    }
    assert.deepEqual(seen, all)
    const tagged = await list({ tag: [new Ram.ListPoliciesRequestTag({ key: 'team' })] })
    assert.deepEqual(namesOf(tagged), ['two', 'three'])
    assert.deepEqual(
      tagged?.policies?.policy?.map(({ tags }) => tags?.tag?.map(({ tagKey, tagValue }) => `${tagKey}=${tagValue}`)),
      [['team=two'], ['team=three']],
    )
    assert.deepEqual(namesOf(await list({ tag: [new Ram.ListPoliciesRequestTag({ key: 'team', value: 'two' })] })), ['two'])
    assert.equal(await codeOf(list({ policyType: 'Own' })), '400 InvalidParameter.PolicyType')
    assert.equal(await codeOf(list({ maxItems: 1_001 })), '400 InvalidParameter')
  })

  it('of the system are read as the account has them, with one version', async () => {
    const { policy, defaultPolicyVersion } = (await get('aliyunyunduncertfullaccess', 'System')) ?? {}
    assert.deepEqual([policy?.policyName, policy?.policyType, policy?.defaultVersion], ['AliyunYundunCertFullAccess', 'System', 'v1'])
    assert.equal(defaultPolicyVersion?.policyDocument, systemPolicies.get('AliyunYundunCertFullAccess')?.text)
    assert.deepEqual(await versions('ReadOnlyAccess', 'System'), ['v1*'])
  })

  it('of another account do not exist', async () => {
    await create('private')
    const { key } = await createTenantAccount(service(), 'a stranger')
    const stranger = createRamClient(service(), key)
    const request = { policyName: 'private', policyType: 'Custom' }
    assert.equal(await codeOf(stranger.getPolicy(new Ram.GetPolicyRequest(request))), '404 EntityNotExist.Policy')
    assert.equal(await codeOf(stranger.deletePolicy(new Ram.DeletePolicyRequest(request))), '404 EntityNotExist.Policy')
    assert.equal(await codeOf(stranger.listPolicyVersions(new Ram.ListPolicyVersionsRequest(request))), '404 EntityNotExist.Policy')
  })

  it('are not reached past a Deny by another spelling of their name', async () => {
    await create('Guarded')
    const key = await createUserWithKey(service(), 'editor')
    const guarded = { Effect: 'Deny', Action: 'ram:*', Resource: `acs:ram:*:*:policy/Guarded` }
    await grant(service(), 'editor', [allowing('ram:*') as Readonly<Record<string, unknown>>, guarded])
    for (const PolicyName of ['Guarded', 'guarded', 'GUARDED']) {
      const asked = {
        PolicyName,
        PolicyType: 'Custom',
        VersionId: 'v1',
        NewDescription: 'x',
        PolicyDocument: policyDocument,
        UserName: 'editor',
      }
      for (const action of [
        'GetPolicy',
        'ListPolicyVersions',
        'GetPolicyVersion',
        'UpdatePolicyDescription',
        'CreatePolicyVersion',
        'SetDefaultPolicyVersion',
        'DeletePolicyVersion',
        'DeletePolicy',
        'ListEntitiesForPolicy',
        'AttachPolicyToUser',
        'DetachPolicyFromUser',
      ]) {
        assert.equal(outcomeOf(await service().call(action, asked, { ...ramVersion, key })), '403 NoPermission', `${action} ${PolicyName}`)
      }
    }
  })

  it('are at most as many as are allowed, however many ask at once', async () => {
    const { accountId, key } = await createTenantAccount(service(), 'many policies')
    const first = 9_000_000
    const rows = `with recursive n (i) as (select 1 union all select i + 1 from n where i < 1498)`
    await writeDirectly(
      service(),
      `insert into ram_policies (id, account_id, name, name_key, description, default_version, last_version, created_at, updated_at)
       ${rows} select ${first} + i, ${accountId}, 'p' || i, 'p' || i, '', 1, 1, 0, 0 from n`,
    )
    const own = createRamClient(service(), key)
    const outcomes = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((policyName) => codeOf(own.createPolicy(new Ram.CreatePolicyRequest({ policyName, policyDocument })))),
    )
    assert.deepEqual(outcomes.sort(), [...Array<string>(3).fill('409 LimitExceeded.Policy'), 'OK', 'OK'])
  })
})
