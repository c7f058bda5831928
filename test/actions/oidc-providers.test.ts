import assert from 'node:assert/strict'
import { it } from 'node:test'
import Ims from '@alicloud/ims20190815'
import { $OpenApiUtil } from '@alicloud/openapi-core'
import { describeService, type TestService } from '../support/service.ts'
import { rootKey } from '../support/signed-call.ts'
import { createUserWithKey, grant, ims, outcomeOf } from '../support/tenants.ts'

function imsClient(service: TestService): Ims.default {
  return new Ims.default(
    new $OpenApiUtil.Config({
      accessKeyId: rootKey.accessKeyId,
      accessKeySecret: rootKey.secret,
      endpoint: new URL(service.addresses.http ?? '').host,
      protocol: 'http',
    }),
  )
}

const fingerprint = '902EF2DEEB3C5B13EA4C3D5193629309E231AE55'

describeService('OIDC providers', (service) => {
  it('are made, read, changed, listed and deleted by the official client', async () => {
    const client = imsClient(service())
    const { body: created } = await client.createOIDCProvider(
      new Ims.CreateOIDCProviderRequest({
        OIDCProviderName: 'GitHub',
        issuerUrl: 'https://token.actions.githubusercontent.com',
        clientIds: 'sts.aliyuncs.com, another/client:id',
        fingerprints: fingerprint,
        description: 'CI',
      }),
    )
    const made = created?.OIDCProvider
    assert.deepEqual(
      [made?.OIDCProviderName, made?.arn, made?.issuerUrl, made?.clientIds, made?.fingerprints, made?.description, made?.issuanceLimitTime],
      [
        'GitHub',
        `acs:ram::${service().accountId}:oidc-provider/GitHub`,
        'https://token.actions.githubusercontent.com',
        'sts.aliyuncs.com,another/client:id',
        fingerprint,
        'CI',
        12,
      ],
    )
    assert.match(made?.createDate ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    assert.match(made?.gmtCreate ?? '', /^\d{13}$/)

    const named = { OIDCProviderName: 'GitHub' }
    await client.addClientIdToOIDCProvider(new Ims.AddClientIdToOIDCProviderRequest({ ...named, clientId: 'third' }))
    await client.addClientIdToOIDCProvider(new Ims.AddClientIdToOIDCProviderRequest({ ...named, clientId: 'third' }))
    await client.removeClientIdFromOIDCProvider(new Ims.RemoveClientIdFromOIDCProviderRequest({ ...named, clientId: 'another/client:id' }))
    await client.addFingerprintToOIDCProvider(new Ims.AddFingerprintToOIDCProviderRequest({ ...named, fingerprint: 'aabb' }))
    await client.removeFingerprintFromOIDCProvider(new Ims.RemoveFingerprintFromOIDCProviderRequest({ ...named, fingerprint }))
    const read = async () => (await client.getOIDCProvider(new Ims.GetOIDCProviderRequest(named))).body?.OIDCProvider
    assert.deepEqual([(await read())?.clientIds, (await read())?.fingerprints], ['sts.aliyuncs.com,third', 'aabb'])
    await client.updateOIDCProvider(
      new Ims.UpdateOIDCProviderRequest({ ...named, newDescription: '', clientIds: 'only', issuanceLimitTime: 168 }),
    )
    const after = await read()
    assert.deepEqual([after?.description, after?.clientIds, after?.issuanceLimitTime, after?.fingerprints], ['', 'only', 168, 'aabb'])
    await client.updateOIDCProvider(new Ims.UpdateOIDCProviderRequest({ ...named, newDescription: 'new' }))
    assert.deepEqual([(await read())?.description, (await read())?.clientIds], ['new', 'only'])

    await client.createOIDCProvider(new Ims.CreateOIDCProviderRequest({ OIDCProviderName: 'Second', issuerUrl: 'https://two.example' }))
    const first = (await client.listOIDCProviders(new Ims.ListOIDCProvidersRequest({ maxItems: 1 }))).body
    assert.deepEqual([first?.OIDCProviders?.OIDCProvider?.map((one) => one.OIDCProviderName), first?.isTruncated], [['GitHub'], true])
    const rest = (await client.listOIDCProviders(new Ims.ListOIDCProvidersRequest({ maxItems: 1, marker: first?.marker ?? '' }))).body
    assert.deepEqual([rest?.OIDCProviders?.OIDCProvider?.map((one) => one.OIDCProviderName), rest?.isTruncated], [['Second'], false])

    await client.deleteOIDCProvider(new Ims.DeleteOIDCProviderRequest(named))
    await assert.rejects(read(), { code: 'EntityNotExist.OIDCProvider' })
    const kinds = await service()
      .services.db.read.selectFrom('events')
      .select('kind')
      .where('resource', '=', 'oidc-provider/GitHub')
      .orderBy('id')
      .execute()
    assert.deepEqual([kinds.at(0)?.kind, kinds.at(-1)?.kind], ['oidcProvider.created', 'oidcProvider.deleted'])
  })

  it('refuse what is not one, or is there already', async () => {
    const good = { OIDCProviderName: 'Taken', IssuerUrl: 'https://taken.example', ClientIds: 'a' }
    await service().succeed('CreateOIDCProvider', good, ims)
    const outcome = async (changes: Readonly<Record<string, string>>, action = 'CreateOIDCProvider') =>
      outcomeOf(await service().call(action, { ...good, OIDCProviderName: 'Fresh', IssuerUrl: 'https://fresh.example', ...changes }, ims))
    assert.equal(await outcome({ OIDCProviderName: 'taken' }), '409 EntityAlreadyExists.OIDCProvider')
    assert.equal(await outcome({ IssuerUrl: 'https://taken.example' }), '409 EntityAlreadyExists.OIDCProvider.Url')
    for (const OIDCProviderName of ['.x', 'x-', 'a b', 'x'.repeat(129)]) {
      assert.equal(await outcome({ OIDCProviderName }), '400 InvalidParameter.OIDCProviderName', OIDCProviderName)
    }
    for (const IssuerUrl of [
      'http://x.example',
      'https://x.example?a',
      'https://me@x.example',
      'https://x.example#a',
      'https://',
      `https://x/${'a'.repeat(250)}`,
    ]) {
      assert.equal(await outcome({ IssuerUrl }), '400 InvalidParameter.IssuerUrl', IssuerUrl)
    }
    assert.equal(await outcome({ ClientIds: 'a,.b' }), '400 InvalidParameter.ClientIds')
    assert.equal(
      await outcome({ ClientIds: Array.from({ length: 51 }, (_, n) => `c${n}`).join() }),
      '409 LimitExceeded.OIDCProvider.ClientIds',
    )
    assert.equal(await outcome({ Fingerprints: 'aa:bb' }), '400 InvalidParameter.Fingerprints')
    assert.equal(await outcome({ Fingerprints: '1,2,3,4,5,6' }), '409 LimitExceeded.OIDCProvider.Fingerprints')
    assert.equal(await outcome({ Description: 'x'.repeat(257) }), '400 InvalidParameter.Description')
    for (const IssuanceLimitTime of ['0', '169'])
      assert.equal(await outcome({ IssuanceLimitTime }), '400 InvalidParameter.IssuanceLimitTime')
    assert.equal(await outcome({}), 'OK')
    assert.equal(await outcome({ OIDCProviderName: 'Nobody' }, 'UpdateOIDCProvider'), '404 EntityNotExist.OIDCProvider')
  })

  it('lose no change when several come at once', async () => {
    await service().succeed('CreateOIDCProvider', { OIDCProviderName: 'Busy', IssuerUrl: 'https://busy.example' }, ims)
    const ids = ['a', 'b', 'c', 'd']
    await Promise.all(ids.map((ClientId) => service().succeed('AddClientIdToOIDCProvider', { OIDCProviderName: 'Busy', ClientId }, ims)))
    const { OIDCProvider } = await service().succeed('GetOIDCProvider', { OIDCProviderName: 'Busy' }, ims)
    assert.deepEqual(
      String((OIDCProvider as Readonly<Record<string, unknown>>)['ClientIds'])
        .split(',')
        .sort(),
      ids,
    )
  })

  it('are a resource of their own to policies, by the stored name', async () => {
    const { accountId } = service()
    await service().succeed('CreateOIDCProvider', { OIDCProviderName: 'Guarded', IssuerUrl: 'https://guarded.example' }, ims)
    const key = await createUserWithKey(service(), 'reader-of-providers')
    await grant(service(), 'reader-of-providers', [
      { Effect: 'Allow', Action: 'ram:GetOIDCProvider', Resource: '*' },
      { Effect: 'Deny', Action: 'ram:GetOIDCProvider', Resource: `acs:ram:*:${accountId}:oidc-provider/Guarded` },
    ])
    for (const OIDCProviderName of ['Guarded', 'guarded']) {
      assert.equal(outcomeOf(await service().call('GetOIDCProvider', { OIDCProviderName }, { ...ims, key })), '403 NoPermission')
    }
  })
})
