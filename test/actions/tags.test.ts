import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import Cas from '@alicloud/cas20200407'
import { makeAuthority } from '../certificates/make-certificates.ts'
import { runOpenssl } from '../x509/openssl.ts'
import { callGeneric, createCasClient } from '../support/cas-client.ts'
import { codeOf } from '../support/ram-client.ts'
import { application, describeService, type TestService, until } from '../support/service.ts'
import { type CallOptions, extension } from '../support/signed-call.ts'
import { countStored, writeDirectly } from '../support/stored.ts'
import { createTenantAccount, createUserWithKey, grant, outcomeOf } from '../support/tenants.ts'

const typedActions = new Set(['TagResources', 'UntagResources', 'ListTagResources', 'ListTagKeys', 'MoveResourceGroup'])

/** A service whose calls say `ResourceType=instance` unless they say another. */
function typed(service: TestService): TestService {
  const complete = (action: string, input: Readonly<Record<string, string>>) =>
    typedActions.has(action) ? { ResourceType: 'instance', ...input } : input
  return {
    ...service,
    call: (action, input, options) => service.call(action, complete(action, input), options),
    succeed: (action, input, options) => service.succeed(action, complete(action, input), options),
  }
}

const describeTyped: typeof describeService = (title, body, options) =>
  describeService(title, (service) => body(() => typed(service())), options)

/** An order, by all its names. */
async function place(service: TestService, options: CallOptions = {}, more: Readonly<Record<string, string>> = {}) {
  const { OrderId } = await service.succeed('CreateCertificateRequest', { ...application, KeyAlgorithm: 'ECC_256', ...more }, options)
  const orderId = Number(OrderId)
  const row = await service.services.db.read.selectFrom('orders').select('instance_id').where('id', '=', orderId).executeTakeFirstOrThrow()
  return { orderId, instance: `cas-ivauto-${row.instance_id}`, resource: `cas-cert-${orderId}` }
}

async function upload(service: TestService, Name: string, options: CallOptions = {}): Promise<{ certId: number; resource: string }> {
  const { cert, key } = await makeAuthority('uploaded.example.com')
  const answer = await service.succeed('UploadUserCertificate', { Name, Cert: cert, Key: key }, options)
  return { certId: Number(answer['CertId']), resource: String(answer['ResourceId']) }
}

interface WireTag {
  readonly ResourceId: string
  readonly TagKey: string
  readonly TagValue: string
}

async function listed(service: TestService, input: Readonly<Record<string, string>>, options: CallOptions = {}): Promise<string[]> {
  const { TagResources } = await service.succeed('ListTagResources', input, options)
  const { TagResource } = TagResources as { TagResource: WireTag[] }
  return TagResource.map(({ ResourceId, TagKey, TagValue }) => `${ResourceId} ${TagKey}=${TagValue}`)
}

async function buy(service: TestService, options: CallOptions = {}): Promise<void> {
  await service.succeed('PurchasePackage', { ProductCode: application.ProductCode, Count: '50' }, { ...options, ...extension })
}

describeTyped('tags of orders and certificates', (service) => {
  before(() => buy(service()))

  it('are put, listed, found and taken away by the official client’s generic call', async () => {
    const client = createCasClient(service())
    const call = (action: string, input: object) =>
      callGeneric(client, action, { RegionId: 'cn-hangzhou', ResourceType: 'instance', ...input })
    const [one, other] = [await place(service()), await place(service())]
    const { resource } = await upload(service(), 'tagged')
    const ResourceId = [one.instance, other.resource, resource]
    const { RequestId: _id, ...nothing } = await call('TagResources', {
      ResourceId,
      Tag: [
        { Key: 'team', Value: 'web' },
        { Key: 'empty', Value: '' },
      ],
    })
    assert.deepEqual(nothing, {})
    const { RequestId: _other, ...all } = await call('ListTagResources', { ResourceId })
    const tagsOf = (name: string) => [
      { ResourceId: name, ResourceType: 'instance', TagKey: 'empty', TagValue: '' },
      { ResourceId: name, ResourceType: 'instance', TagKey: 'team', TagValue: 'web' },
    ]
    assert.deepEqual(all, { MaxResults: 20, TagResources: { TagResource: [resource, one.instance, other.resource].flatMap(tagsOf) } })

    await call('UntagResources', { ResourceId: [one.resource], TagKey: ['empty', 'never-there'], All: true })
    assert.deepEqual(await listed(service(), { 'ResourceId.1': one.resource }), [`${one.resource} team=web`])
    await call('UntagResources', { ResourceId: [other.instance, resource], All: true })
    assert.deepEqual(await listed(service(), { 'ResourceId.1': other.resource, 'ResourceId.2': resource }), [])
    assert.deepEqual(await listed(service(), { 'Tag.1.Key': 'team' }), [`${one.instance} team=web`])
    const events = await service()
      .services.db.read.selectFrom('events')
      .select(['resource', 'detail'])
      .where('kind', '=', 'tags.changed')
      .orderBy('id')
      .execute()
    assert.deepEqual(
      { ...events[0] },
      {
        resource: `order/${one.orderId},order/${other.orderId},certificate/${resource.slice('cas-upload-'.length)}`,
        detail: '{"put":"team,empty","removed":""}',
      },
    )
  })

  it('are spelled in three ways', async () => {
    const { resource } = await place(
      service(),
      {},
      { 'Tags.1.TagKey': 'a', 'Tags.1.TagValue': '1', 'Tags.2.Key': 'b', 'Tags.2.Value': '2' },
    )
    const put = (tags: Readonly<Record<string, string>>) => service().succeed('TagResources', { 'ResourceId.1': resource, ...tags })
    await put({ 'Tag.1.Key': 'c', 'Tag.1.Value': '3' })
    await put({ 'Tags.1.Key': 'd', 'Tags.1.Value': '4' })
    await put({ 'Tags.1.TagKey': 'e', 'Tags.1.TagValue': '5' })
    await put({ 'Tags.1.TagKey': 'a', 'Tags.1.TagValue': 'new' })
    const found = await listed(service(), { 'ResourceId.1': resource })
    assert.deepEqual(
      found.map((text) => text.split(' ')[1]),
      ['a=new', 'b=2', 'c=3', 'd=4', 'e=5'],
    )
  })

  it('take keys of 128 characters where the pages of the API say so: on what exists, and on orders with a CSR', async () => {
    const { resource } = await place(service())
    const key = (length: number) => ({ 'ResourceId.1': resource, 'Tag.1.Key': 'k'.repeat(length) })
    await service().succeed('TagResources', key(128))
    assert.equal(outcomeOf(await service().call('TagResources', key(129))), '400 InvalidParameter')
    const refused = await service().call('CreateCertificateRequest', { ...application, 'Tags.1.Key': 'k'.repeat(65) })
    assert.equal(outcomeOf(refused), '400 InvalidParameter')
    const csr = ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', '/dev/null', '-subj']
    const { Domain: _domain, ...applicant } = application
    const withCsr = async (length: number) => ({
      ...applicant,
      Csr: await runOpenssl([...csr, '/CN=www.example.com']),
      'Tags.1.Key': 'k'.repeat(length),
    })
    await service().succeed('CreateCertificateWithCsrRequest', await withCsr(128))
    assert.equal(outcomeOf(await service().call('CreateCertificateWithCsrRequest', await withCsr(129))), '400 InvalidParameter')
  })

  it('are 20 a resource, also when two calls put them at once', async () => {
    const { resource } = await place(service())
    const many = Object.fromEntries(Array.from({ length: 19 }, (_, n) => [`Tag.${n + 1}.Key`, `k${n}`]))
    await service().succeed('TagResources', { 'ResourceId.1': resource, ...many })
    const put = (key: string) => service().call('TagResources', { 'ResourceId.1': resource, 'Tag.1.Key': key })
    const outcomes = (await Promise.all(['a', 'b', 'c'].map(put))).map(outcomeOf)
    assert.deepEqual(outcomes.toSorted(), ['409 LimitExceeded.Tag', '409 LimitExceeded.Tag', 'OK'])
    assert.equal((await listed(service(), { 'ResourceId.1': resource })).length, 20)
    // A key that is there already takes no room.
    assert.equal(outcomeOf(await put('k0')), 'OK')
  })

  it('are put on all or on none: an id of another account, or of nothing, refuses the call', async () => {
    const { resource } = await place(service())
    const { key } = await createTenantAccount(service(), 'a stranger')
    await buy(service(), { key })
    const foreign = await place(service(), { key })
    const theirs = await upload(service(), 'theirs', { key })
    for (const bad of [
      foreign.resource,
      foreign.instance,
      theirs.resource,
      'cas-cert-1',
      'cas-ivauto-1',
      'cas-upload-1',
      'x',
      '*',
      '10000001',
    ]) {
      const names = { 'ResourceId.1': resource, 'ResourceId.2': bad }
      for (const [action, more] of [
        ['TagResources', { 'Tag.1.Key': 'k' }],
        ['UntagResources', { All: 'true' }],
        ['ListTagResources', {}],
      ] as const) {
        assert.equal(outcomeOf(await service().call(action, { ...names, ...more })), '400 NotFound', `${action} ${bad}`)
      }
      assert.equal(outcomeOf(await service().call('MoveResourceGroup', { ResourceId: bad, ResourceGroupId: 'rg-a' })), '400 NotFound', bad)
    }
    assert.deepEqual(await listed(service(), { 'ResourceId.1': resource }), [])
  })

  it('of a chain of renewals are those of its newest order; what was deleted has none', async () => {
    const [first, renewal] = [await place(service()), await place(service())]
    await writeDirectly(service(), 'update orders set lineage_id = ?, renews_order_id = ? where id = ?', [
      first.orderId,
      first.orderId,
      renewal.orderId,
    ])
    await service().succeed('TagResources', { 'ResourceId.1': first.resource, 'Tag.1.Key': 'chain', 'Tag.1.Value': 'new' })
    assert.deepEqual(await listed(service(), { 'ResourceId.1': renewal.instance }), [`${renewal.instance} chain=new`])
    assert.deepEqual(await listed(service(), { 'ResourceId.1': first.instance }), [])
    await writeDirectly(service(), `update orders set state = 'deleted', run_at = null where id = ?`, [renewal.orderId])
    assert.deepEqual(await listed(service(), { 'Tag.1.Key': 'chain' }), [])
    // The first one is the newest again.
    await service().succeed('TagResources', { 'ResourceId.1': first.resource, 'Tag.1.Key': 'chain', 'Tag.1.Value': 'old' })
    assert.deepEqual(await listed(service(), { 'ResourceId.1': first.instance }), [`${first.instance} chain=old`])
    assert.equal(outcomeOf(await service().call('ListTagResources', { 'ResourceId.1': renewal.instance })), '400 NotFound')
  })

  it('are listed in pages, and found where a resource has all of them', async () => {
    const { key } = await createTenantAccount(service(), 'with pages')
    await buy(service(), { key })
    const by = { key }
    const names: string[] = []
    for (const [n, tags] of [['a=1'], ['a=1', 'b=1'], ['a=2', 'b=1'], ['b=2']].entries()) {
      const { instance } = await place(service(), by)
      names.push(instance)
      const given = tags.flatMap((tag, at) => [
        [`Tag.${at + 1}.Key`, tag.split('=')[0] ?? ''],
        [`Tag.${at + 1}.Value`, tag.split('=')[1] ?? ''],
      ])
      await service().succeed('TagResources', { 'ResourceId.1': names[n] ?? '', ...Object.fromEntries(given) }, by)
    }
    const { resource } = await upload(service(), 'of pages', by)
    await service().succeed('TagResources', { 'ResourceId.1': resource, 'Tag.1.Key': 'a', 'Tag.1.Value': '1' }, by)

    const find = async (input: Readonly<Record<string, string>>) => (await listed(service(), input, by)).map((text) => text.split(' '))
    const [first, second, third] = names
    assert.deepEqual(await find({ 'Tag.1.Key': 'a', 'Tag.1.Value': '1' }), [
      [resource, 'a=1'],
      [first, 'a=1'],
      [second, 'a=1'],
    ])
    assert.deepEqual(await find({ 'Tag.1.Key': 'a', 'Tag.2.Key': 'b', 'Tag.2.Value': '1' }), [
      [second, 'a=1'],
      [second, 'b=1'],
      [third, 'a=2'],
      [third, 'b=1'],
    ])
    assert.deepEqual(await find({ 'ResourceId.1': second ?? '', 'Tag.1.Key': 'b' }), [[second, 'b=1']])
    assert.deepEqual(await find({ 'Tag.1.Key': 'c' }), [])

    const whole = await listed(service(), { 'Tag.1.Key': 'a' }, by)
    for (const size of [1, 2, 3, 4]) {
      const pages: string[] = []
      for (let NextToken = ''; ;) {
        const input = { 'Tag.1.Key': 'a', MaxResults: String(size), NextToken }
        const answer = await service().succeed('ListTagResources', input, by)
        pages.push(...(await listed(service(), input, by)))
        if (typeof answer['NextToken'] !== 'string') break
        NextToken = answer['NextToken']
      }
      assert.deepEqual(pages, whole, `pages of ${size}`)
    }
  })

  it('have keys that are counted, in pages by number and by token, and by group', async () => {
    const { key } = await createTenantAccount(service(), 'with keys')
    await buy(service(), { key })
    const by = { key }
    const [one, other] = [
      await place(service(), by, { 'Tags.1.Key': 'b' }),
      await place(service(), by, { 'Tags.1.Key': 'b', 'Tags.2.Key': 'A' }),
    ]
    const { resource } = await upload(service(), 'of keys', by)
    await service().succeed('TagResources', { 'ResourceId.1': resource, 'Tag.1.Key': 'b', 'Tag.2.Key': 'c' }, by)
    await service().succeed('MoveResourceGroup', { ResourceId: one.instance, ResourceGroupId: 'rg-keys' }, by)
    const keys = async (input: Readonly<Record<string, string>>) => {
      const { RequestId: _id, TagKeys, ...rest } = await service().succeed('ListTagKeys', input, by)
      return {
        ...rest,
        keys: (TagKeys as { TagKey: string; TagCount: number }[]).map(({ TagKey, TagCount }) => `${TagKey}:${TagCount}`).join(),
      }
    }
    const page = { TotalCount: 3, CurrentPage: 1, PageSize: 20, MaxResults: 20 }
    assert.deepEqual(await keys({}), { ...page, keys: 'A:1,b:3,c:1' })
    assert.deepEqual(await keys({ ResourceGroupId: 'rg-keys' }), { ...page, TotalCount: 1, keys: 'b:1' })
    const { NextToken, ...first } = (await keys({ MaxResults: '2' })) as Record<string, unknown>
    assert.deepEqual(first, { ...page, PageSize: 2, MaxResults: 2, keys: 'A:1,b:3' })
    assert.deepEqual(await keys({ MaxResults: '2', NextToken: String(NextToken) }), { ...page, PageSize: 2, MaxResults: 2, keys: 'c:1' })
    assert.deepEqual(await keys({ CurrentPage: '2', PageSize: '2' }), { ...page, CurrentPage: 2, PageSize: 2, keys: 'c:1' })
    await writeDirectly(service(), `update orders set state = 'deleted', run_at = null where id = ?`, [other.orderId])
    assert.deepEqual(await keys({}), { ...page, TotalCount: 2, keys: 'b:2,c:1' })
  })

  it('ask permission for the order, by its own tags and by those that are put', async () => {
    const key = await createUserWithKey(service(), 'tagger')
    const mine = await place(service(), {}, { 'Tags.1.Key': 'owner', 'Tags.1.Value': 'tagger' })
    const other = await place(service())
    const { resource, certId } = await upload(service(), 'to be tagged')
    const put = async (name: string, tag = 'team') =>
      outcomeOf(await service().call('TagResources', { 'ResourceId.1': name, 'Tag.1.Key': tag, 'Tag.1.Value': 'web' }, { key }))
    const untag = async (name: string) =>
      outcomeOf(await service().call('UntagResources', { 'ResourceId.1': name, 'TagKey.1': 'x' }, { key }))
    assert.equal(await put(mine.resource), '403 NoPermission')
    // Who may do nothing learns nothing.
    assert.equal(await put('cas-cert-1'), '403 NoPermission')

    const Action = ['yundun-cert:TagResources', 'yundun-cert:UntagResources']
    const take = await grant(service(), 'tagger', [{ Effect: 'Allow', Action, Resource: `acs:yundun-cert:*:*:order/${mine.orderId}` }])
    assert.deepEqual([await put(mine.resource), await put(mine.instance), await untag(mine.instance)], ['OK', 'OK', 'OK'])
    assert.deepEqual([await put(other.resource), await untag(other.instance), await put(resource)], Array(3).fill('403 NoPermission'))
    await take()

    const byOwner = await grant(service(), 'tagger', [
      { Effect: 'Allow', Action, Resource: '*', Condition: { StringEquals: { 'acs:ResourceTag/owner': 'tagger' } } },
    ])
    assert.deepEqual([await put(mine.instance), await put(other.instance)], ['OK', '403 NoPermission'])
    await byOwner()

    const byTag = await grant(service(), 'tagger', [
      { Effect: 'Allow', Action, Resource: '*', Condition: { StringEquals: { 'acs:RequestTag/team': 'web' } } },
    ])
    assert.deepEqual([await put(other.instance), await put(resource), await put(other.instance, 'else')], ['OK', 'OK', '403 NoPermission'])
    const spelled = { 'ResourceId.1': other.instance, 'Tags.1.TagKey': 'team', 'Tags.1.TagValue': 'other' }
    assert.equal(outcomeOf(await service().call('TagResources', spelled, { key })), '403 NoPermission')
    await byTag()

    const move = await grant(service(), 'tagger', [
      { Effect: 'Allow', Action: 'yundun-cert:MoveResourceGroup', Resource: `acs:yundun-cert:*:*:certificate/${certId}` },
    ])
    const moved = async (ResourceId: string) =>
      outcomeOf(await service().call('MoveResourceGroup', { ResourceId, ResourceGroupId: 'rg-a' }, { key }))
    assert.deepEqual([await moved(resource), await moved(mine.instance)], ['OK', '403 NoPermission'])
    await move()
  })

  it('are refused where the call is wrong, and nothing changes', async () => {
    const { resource } = await place(service())
    const names = { 'ResourceId.1': resource }
    const tag = { 'Tag.1.Key': 'k', 'Tag.1.Value': 'v' }
    const fifty = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`ResourceId.${n + 1}`, resource]))
    const tooMany = Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`Tag.${n + 1}.Key`, `k${n}`]))
    const cases: [action: string, input: Readonly<Record<string, string>>, code: string, says: string][] = [
      ['TagResources', tag, 'MissingResourceId', 'mandatory'],
      ['TagResources', names, 'MissingTag', 'mandatory'],
      ['TagResources', { ...names, 'Tag.1.Value': 'v' }, 'MissingTag.1.Key', 'mandatory'],
      ['TagResources', { ...names, 'Tag.1.Key': 'aliyun-x' }, 'InvalidParameter', '"Tag.1.Key"'],
      ['TagResources', { ...names, 'Tag.1.Key': 'acs:rm:rgId' }, 'InvalidParameter', '"Tag.1.Key"'],
      ['TagResources', { ...names, ...tag, 'Tag.2.Key': 'k' }, 'InvalidParameter', '"Tag.2.Key"'],
      ['TagResources', { ...names, 'Tag.1.Key': 'k', 'Tag.1.Value': 'https://x' }, 'InvalidParameter', '"Tag.1.Value"'],
      ['TagResources', { ...names, 'Tags.1.Key': '1k' }, 'InvalidParameter', '"Tags.1.Key"'],
      ['TagResources', { ...names, ...tag, 'Tags.1.Key': 'j' }, 'InvalidParameter', 'not as both'],
      ['TagResources', { ...names, ...tooMany }, 'InvalidParameter', 'At most 20'],
      ['TagResources', { ...fifty, ...tag }, 'InvalidParameter', 'At most 50'],
      ['TagResources', { ...names, ...tag, ResourceType: 'certificate' }, 'InvalidParameter', '"ResourceType"'],
      ['TagResources', { ResourceId: resource, ...tag }, 'InvalidParameter', '"ResourceId"'],
      ['TagResources', { 'ResourceId.1': 'x'.repeat(129), ...tag }, 'InvalidParameter', '"ResourceId.1"'],
      ['UntagResources', { All: 'true' }, 'MissingResourceId', 'mandatory'],
      ['UntagResources', names, 'MissingTagKey', 'mandatory'],
      ['UntagResources', { ...names, All: 'false' }, 'MissingTagKey', 'mandatory'],
      ['UntagResources', { ...names, All: 'yes' }, 'InvalidParameter', '"All"'],
      ['UntagResources', { ...names, 'TagKey.1': '' }, 'InvalidParameter', '"TagKey.1"'],
      ['ListTagResources', {}, 'MissingResourceId', 'mandatory'],
      ['ListTagResources', { 'Tag.1.Value': 'v' }, 'MissingTag.1.Key', 'mandatory'],
      ['ListTagResources', { ...names, NextToken: 'x' }, 'InvalidParameter', '"NextToken"'],
      ['ListTagResources', { ...names, MaxResults: '0' }, 'InvalidParameter', '"MaxResults"'],
      ['ListTagResources', { ...names, MaxResults: '101' }, 'InvalidParameter', '"MaxResults"'],
      ['ListTagKeys', { PageSize: '0' }, 'InvalidParameter', '"PageSize"'],
      ['ListTagKeys', { MaxResults: 'x' }, 'InvalidParameter', '"MaxResults"'],
      ['MoveResourceGroup', { ResourceId: resource }, 'MissingResourceGroupId', 'mandatory'],
      ['MoveResourceGroup', { ResourceGroupId: 'rg-a' }, 'MissingResourceId', 'mandatory'],
      ['MoveResourceGroup', { ResourceId: resource, ResourceGroupId: 'a' }, 'InvalidParameter', '"ResourceGroupId"'],
      ['MoveResourceGroup', { ResourceId: resource, ResourceGroupId: 'rg-a', ResourceType: 'order' }, 'InvalidParameter', '"ResourceType"'],
    ]
    for (const [action, input, code, says] of cases) {
      const stored = async () => ({ ...(await countStored(service())), validation_attempts: 0 })
      const earlier = await stored()
      const { status, body, text } = await service().call(action, input)
      assert.deepEqual([status, body['Code']], [400, code], `${action} ${JSON.stringify(input)}: ${text}`)
      assert.ok(String(body['Message']).includes(says), text)
      assert.deepEqual(await stored(), earlier, `${action} ${JSON.stringify(input)}`)
    }
  })
})

const dayMs = 86_400_000
const proven = { proven: true, message: 'The record is there.', evidence: { method: 'DNS', queries: [] } } as const

describeTyped(
  'resource groups',
  (service) => {
    const groups = async (orderId: number) => {
      const { db } = service().services
      const order = await db.read.selectFrom('orders').select('resource_group').where('id', '=', orderId).executeTakeFirstOrThrow()
      const card = await db.read
        .selectFrom('certificate_cards')
        .select(['id', 'resource_group'])
        .where('order_id', '=', orderId)
        .executeTakeFirst()
      return { order: order.resource_group, certificate: card?.resource_group, certificateId: card?.id }
    }
    const move = async (resourceId: string, resourceGroupId: string, resourceType = 'instance') => {
      const request = new Cas.MoveResourceGroupRequest({ resourceId, resourceGroupId, resourceType, regionId: 'cn-hangzhou' })
      await createCasClient(service()).moveResourceGroup(request)
    }

    it('are moved into by the official client: an order with its certificate, or a certificate alone', async () => {
      const { orderId, instance, resource } = await place(service())
      // The move and the issuance may meet: both are done whoever is first.
      await move(instance, 'rg-early')
      const issued = await until('the certificate', async () => {
        const found = await groups(orderId)
        return found.certificateId === undefined ? undefined : found
      })
      assert.deepEqual([issued.order, issued.certificate], ['rg-early', 'rg-early'])
      const { certificateId } = issued
      await move(resource, 'rg-acfmykgxu5d46ey')
      assert.deepEqual(await groups(orderId), { order: 'rg-acfmykgxu5d46ey', certificate: 'rg-acfmykgxu5d46ey', certificateId })
      for (const [n, name] of [String(certificateId), `${certificateId}-cn-hangzhou`, resource, instance].entries()) {
        await move(name, `rg-${n}`, 'Certificate')
        assert.deepEqual(await groups(orderId), { order: 'rg-acfmykgxu5d46ey', certificate: `rg-${n}`, certificateId })
      }
      const { certId, resource: uploaded } = await upload(service(), 'to be moved')
      await move(uploaded, 'rg-up')
      await move(String(certId), 'rg-upper', 'Certificate')
      const { body } = await createCasClient(service()).getUserCertificateDetail(new Cas.GetUserCertificateDetailRequest({ certId }))
      assert.equal(body?.resourceGroupId, 'rg-upper')
      for (const [name, type] of [
        ['99999999', 'Certificate'],
        ['9999999999999999', 'Certificate'],
        ['99999999', 'instance'],
        ['cas-cert-9', 'Certificate'],
      ] as const) {
        assert.equal(await codeOf(move(name, 'rg-a', type)), '400 NotFound', `${type} ${name}`)
      }
    })
  },
  { ports: () => ({ domainControl: { maxConcurrent: 4, check: () => Promise.resolve(proven) } }) },
)

let aheadMs = 0

describeTyped(
  'a renewal',
  (service) => {
    it('has the tags and the group of the order that it renews, and its ResourceId from then on', async () => {
      const product = service()
        .services.catalogue.list()
        .find(({ free, level, domainKind }) => !free && level === 'DV' && domainKind === 'single')
      const ProductCode = product?.code ?? assert.fail('no product')
      await service().succeed('PurchasePackage', { ProductCode, Count: '2' }, extension)
      const first = await place(service(), {}, { ProductCode, 'Tags.1.Key': 'team', 'Tags.1.Value': 'web' })
      await service().succeed('MoveResourceGroup', { ResourceId: first.instance, ResourceGroupId: 'rg-web' })
      const notAfter = await until('the certificate', async () => {
        const { db } = service().services
        const card = await db.read
          .selectFrom('certificate_cards')
          .select('not_after')
          .where('order_id', '=', first.orderId)
          .executeTakeFirst()
        return card?.not_after
      })
      // Renewals begin 30 days before the end; the plan has to live then.
      aheadMs = notAfter - 20 * dayMs - Date.now()
      await service().succeed('PurchasePackage', { ProductCode, Count: '1' }, extension)
      const { OrderId } = await service().succeed('RenewCertificateOrderForPackageRequest', { OrderId: String(first.orderId) })
      assert.deepEqual(await listed(service(), { 'ResourceId.1': first.resource }), [`${first.resource} team=web`])
      await service().succeed('TagResources', { 'ResourceId.1': first.resource, 'Tag.1.Key': 'team', 'Tag.1.Value': 'new' })
      const { db } = service().services
      const order = await db.read.selectFrom('orders').selectAll().where('id', '=', Number(OrderId)).executeTakeFirstOrThrow()
      assert.equal(order.resource_group, 'rg-web')
      assert.deepEqual(await listed(service(), { 'ResourceId.1': `cas-ivauto-${order.instance_id}` }), [
        `cas-ivauto-${order.instance_id} team=new`,
      ])
      assert.deepEqual(await listed(service(), { 'ResourceId.1': first.instance }), [`${first.instance} team=web`])
    })
  },
  {
    ports: () => {
      aheadMs = 0
      return { clock: () => Date.now() + aheadMs, domainControl: { maxConcurrent: 4, check: () => Promise.resolve(proven) } }
    },
  },
)
