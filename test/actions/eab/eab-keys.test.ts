import assert from 'node:assert/strict'
import { it } from 'node:test'
import { findEabKeyOfAny } from '../../../src/storage/eab-keys.ts'
import { plantAcmeAccount } from '../../support/plant-acme-account.ts'
import { describeService, type TestService } from '../../support/service.ts'
import { extension, type SigningKey } from '../../support/signed-call.ts'
import { createTenantAccount, createUserWithKey, grant, outcomeOf, ram } from '../../support/tenants.ts'

const by = (key: SigningKey) => ({ ...extension, key })

async function make(service: TestService, parameters: Readonly<Record<string, string>> = {}, options: object = extension): Promise<string> {
  return String((await service.succeed('CreateEabKey', { Name: 'a key', ...parameters }, options))['KeyId'])
}

describeService('external account keys', (service) => {
  it('are made with everything that they are for, and tell their MAC key once', async () => {
    const made = await service().succeed(
      'CreateEabKey',
      {
        Name: 'the edge',
        'Products.1': 'chancery-private-short',
        'Products.2': 'chancery-private-mix',
        'Domains.1': '*.Team.example.com',
        'Domains.2': 'www.example.com',
        'Tags.1.Key': 'team',
        'Tags.1.Value': 'edge',
        UnitLimit: '5',
        AccountLimit: '2',
        ExpiresAt: '2099-01-15T08:00:00Z',
      },
      extension,
    )
    const { KeyId, MacKey, UserName } = made
    assert.match(String(KeyId), /^eab-[A-Za-z0-9]{20}$/)
    assert.match(String(MacKey), /^[A-Za-z0-9_-]{43}$/)
    assert.equal(UserName, undefined)
    const { RequestId: _id, CreatedAt, UpdatedAt, ...shown } = await service().succeed('GetEabKey', { KeyId: String(KeyId) }, extension)
    assert.deepEqual(shown, {
      KeyId,
      Name: 'the edge',
      Status: 'Active',
      Usable: true,
      Products: ['chancery-private-short', 'chancery-private-mix'],
      Domains: ['*.team.example.com', 'www.example.com'],
      Tags: [{ Key: 'team', Value: 'edge' }],
      UnitLimit: 5,
      UnitsUsed: 0,
      AccountLimit: 2,
      AccountsBound: 0,
      ExpiresAt: Date.UTC(2099, 0, 15, 8),
    })
    assert.equal(CreatedAt, UpdatedAt)
    const { db, sealer } = service().services
    const row = await findEabKeyOfAny(db.read, String(KeyId))
    const opened = sealer.open(row?.mac_sealed ?? assert.fail(), {
      purpose: 'accessKey',
      accountId: service().accountId,
      id: `eab-${String(KeyId)}`,
    })
    assert.equal(Buffer.from(opened).toString('base64url'), MacKey)
    const listed = await service().succeed('ListEabKeys', {}, extension)
    const trail = await service().succeed('LookupEvents', { Kind: 'eabKey.created' }, extension)
    for (const text of [JSON.stringify(listed), JSON.stringify(trail), service().logLines.join('')])
      assert.ok(!text.includes(String(MacKey)))
    assert.match(JSON.stringify(trail), new RegExp(`eabkey/${String(KeyId)}`))
  })

  it('have defaults: the product that ACME clients need, any name, no limits, no end', async () => {
    const key = await service().succeed('GetEabKey', { KeyId: await make(service()) }, extension)
    assert.deepEqual([key['Products'], key['Domains'], key['Tags']], [['chancery-private-mix'], ['*'], []])
    for (const name of ['UnitLimit', 'AccountLimit', 'ExpiresAt', 'LastUsedAt', 'UserName']) assert.equal(key[name], undefined, name)
  })

  for (const [title, parameters, code, says] of [
    ['no name', { Name: '' }, 'MissingName', 'Name'],
    ['a name of control characters', { Name: 'a\nb' }, 'InvalidParameter', 'Name'],
    ['an unknown product', { 'Products.1': 'no-such-product' }, 'InvalidParameter', 'Products.1'],
    ['an OV product', { 'Products.1': 'chancery-private-mix', 'Products.2': 'symantec-ov-1-personal' }, 'InvalidParameter', 'Products.2'],
    ['a product twice', { 'Products.1': 'chancery-private-mix', 'Products.2': 'chancery-private-mix' }, 'InvalidParameter', 'Products'],
    ['what is no name', { 'Domains.1': 'https://x' }, 'InvalidParameter', 'Domains.1'],
    ['a reserved tag', { 'Tags.1.Key': 'acs:x' }, 'InvalidParameter', 'Tags.1.Key'],
    ['a limit that is no number', { UnitLimit: '-1' }, 'InvalidParameter', 'UnitLimit'],
    ['an end in the past', { ExpiresAt: '2020-01-01T00:00:00Z' }, 'InvalidParameter', 'ExpiresAt'],
    ['a day that does not exist', { ExpiresAt: '2099-13-01T00:00:00Z' }, 'InvalidParameter', 'ExpiresAt'],
    ['two ends', { ExpiresAt: '2099-01-01T00:00:00Z', LifetimeDays: '1' }, 'InvalidParameter', 'LifetimeDays'],
    ['an end after no days', { LifetimeDays: '0' }, 'InvalidParameter', 'LifetimeDays'],
    ['an unknown parameter', { Domain: 'x' }, 'InvalidParameter', 'Domain'],
  ] as const) {
    it(`are refused with ${title}, and nothing is stored`, async () => {
      const count = async () => (await service().services.db.read.selectFrom('eab_keys').select('id').execute()).length
      const before = await count()
      const answer = await service().call('CreateEabKey', { Name: 'bad', ...parameters }, extension)
      assert.deepEqual([answer.status, answer.body['Code']], [400, code], answer.text)
      assert.ok(String(answer.body['Message']).includes(says), answer.text)
      assert.equal(await count(), before)
    })
  }

  it('are made by a user for itself alone, unless it is allowed another user', async () => {
    const key = await createUserWithKey(service(), 'eab-Alice')
    await createUserWithKey(service(), 'eab-Bob')
    const resource = (name: string) => `acs:yundun-cert:*:${service().accountId}:user/${name}`
    await grant(service(), 'eab-Alice', [{ Effect: 'Allow', Action: 'yundun-cert:CreateEabKey', Resource: resource('eab-Alice') }])
    const own = await service().succeed('CreateEabKey', { Name: 'own' }, by(key))
    assert.equal(own['UserName'], 'eab-Alice')
    const other = { Name: 'other', UserName: 'eab-Bob' }
    assert.equal(outcomeOf(await service().call('CreateEabKey', other, by(key))), '403 NoPermission')
    await grant(service(), 'eab-Alice', [
      { Effect: 'Allow', Action: 'yundun-cert:CreateEabKey', Resource: resource('*') },
      { Effect: 'Deny', Action: 'yundun-cert:CreateEabKey', Resource: resource('eab-Bob') },
    ])
    // Another spelling of the name does not pass the Deny.
    const spelled = await service().call('CreateEabKey', { ...other, UserName: 'eab-bob' }, by(key))
    assert.equal(outcomeOf(spelled), '403 NoPermission', spelled.text)
    const missing = await service().call('CreateEabKey', { ...other, UserName: 'eab-nobody' }, by(key))
    assert.equal(outcomeOf(missing), '404 EntityNotExist.User')
    const listed = await service().succeed('ListEabKeys', { UserName: 'eab-Alice' }, extension)
    assert.deepEqual(
      (listed['EabKeys'] as { KeyId: string }[]).map(({ KeyId }) => KeyId),
      [own['KeyId']],
    )
  })

  it('keep their user from being deleted until they are deleted', async () => {
    await service().succeed('CreateUser', { UserName: 'eab-carol' }, ram)
    const KeyId = await make(service(), { UserName: 'eab-carol' })
    assert.equal(outcomeOf(await service().call('DeleteUser', { UserName: 'eab-carol' }, ram)), '409 DeleteConflict.User.EabKey')
    await service().succeed('DeleteEabKey', { KeyId }, extension)
    await service().succeed('DeleteUser', { UserName: 'eab-carol' }, ram)
    assert.equal((await service().succeed('GetEabKey', { KeyId }, extension))['UserName'], '')
  })

  it('change in what a call names and in nothing else', async () => {
    const KeyId = await make(service(), { UnitLimit: '5', 'Domains.1': 'a.example', ExpiresAt: '2099-01-15T08:00:00Z' })
    const change = async (parameters: Readonly<Record<string, string>>) => {
      const {
        RequestId: _id,
        UpdatedAt: _at,
        CreatedAt: _made,
        ...view
      } = await service().succeed('UpdateEabKey', { KeyId, ...parameters }, extension)
      return view
    }
    const first = await change({ Status: 'Inactive' })
    assert.deepEqual([first['Status'], first['Usable'], first['UnitLimit'], first['Domains']], ['Inactive', false, 5, ['a.example']])
    const { UnitLimit: _limit, ExpiresAt: _end, ...rest } = first
    assert.deepEqual(await change({ UnitLimit: 'unlimited', ExpiresAt: 'never' }), rest)
    assert.deepEqual(
      await change({ 'Domains.1': '*', 'Products.1': 'chancery-private-1', Status: 'Active', AccountLimit: '0', Name: 'new' }),
      {
        ...rest,
        Domains: ['*'],
        Products: ['chancery-private-1'],
        Status: 'Active',
        Usable: true,
        AccountLimit: 0,
        Name: 'new',
      },
    )
    const bad = await service().call('UpdateEabKey', { KeyId, 'Products.1': 'symantec-ov-1-personal' }, extension)
    assert.equal(outcomeOf(bad), '400 InvalidParameter')
  })

  it('take no limit below what is used, and are gone once deleted but for their record', async () => {
    const KeyId = await make(service())
    for (let count = 0; count < 2; count++) await plantAcmeAccount(service(), { accountId: service().accountId, eabKeyId: KeyId })
    const low = await service().call('UpdateEabKey', { KeyId, AccountLimit: '1' }, extension)
    assert.equal(outcomeOf(low), '400 InvalidParameter', low.text)
    assert.match(String(low.body['Message']), /AccountLimit.*2 ACME accounts are bound already/)
    await service().succeed('UpdateEabKey', { KeyId, AccountLimit: '2' }, extension)
    await service().succeed('DeleteEabKey', { KeyId }, extension)
    const row = await findEabKeyOfAny(service().services.db.read, KeyId)
    assert.deepEqual([row?.status, row?.mac_sealed], ['Deleted', null])
    for (const [action, parameters] of [
      ['UpdateEabKey', { Status: 'Active' }],
      ['DeleteEabKey', {}],
    ] as const) {
      assert.equal(outcomeOf(await service().call(action, { KeyId, ...parameters }, extension)), '404 EntityNotExist.EabKey')
    }
    const shown = await service().succeed('GetEabKey', { KeyId }, extension)
    assert.deepEqual([shown['Status'], shown['Usable'], shown['AccountsBound']], ['Deleted', false, 2])
    assert.equal(typeof shown['LastUsedAt'], 'number')
    const ids = async (parameters: object) =>
      ((await service().succeed('ListEabKeys', { MaxResults: '100', ...parameters }, extension))['EabKeys'] as { KeyId: string }[]).map(
        (key) => key.KeyId,
      )
    assert.ok(!(await ids({})).includes(KeyId))
    assert.ok((await ids({ Status: 'Deleted' })).includes(KeyId))
  })

  it('are listed page after page, the newest first, each once', async () => {
    const tenant = await createTenantAccount(service(), 'of many keys')
    const made: string[] = []
    for (let count = 0; count < 5; count++) made.push(await make(service(), {}, by(tenant.key)))
    const seen: string[] = []
    for (let token = ''; ;) {
      const page = await service().succeed('ListEabKeys', { MaxResults: '2', ...(token !== '' && { NextToken: token }) }, by(tenant.key))
      seen.push(...(page['EabKeys'] as { KeyId: string }[]).map(({ KeyId }) => KeyId))
      if (typeof page['NextToken'] !== 'string') break
      token = page['NextToken']
    }
    assert.deepEqual(seen.toSorted(), made.toSorted())
    assert.equal(outcomeOf(await service().call('ListEabKeys', { NextToken: '1.x' }, by(tenant.key))), '400 InvalidParameter')
  })
})

describeService('ACME accounts', (service) => {
  it('are listed by their key, and revoked once; their place at the key is free again', async () => {
    const { accountId } = service()
    const [first, second] = [await make(service(), { AccountLimit: '2' }), await make(service())]
    const ids: string[] = []
    for (let count = 0; count < 2; count++) ids.push(String(await plantAcmeAccount(service(), { accountId, eabKeyId: first })))
    const without = String(await plantAcmeAccount(service(), { accountId, eabKeyId: null }))
    const list = async (parameters: object) =>
      (await service().succeed('ListAcmeAccounts', { ...parameters }, extension))['AcmeAccounts'] as Record<string, unknown>[]
    assert.deepEqual(
      (await list({})).map(({ AcmeAccountId, KeyId }) => [AcmeAccountId, KeyId]),
      [[without, undefined], ...ids.toReversed().map((id) => [id, first])],
    )
    assert.deepEqual(await list({ KeyId: second }), [])
    const [newest] = await list({ KeyId: first, MaxResults: '1' })
    assert.deepEqual(
      [newest?.['AcmeAccountId'], newest?.['Contacts'], newest?.['Status']],
      [ids[1], [`mailto:${ids[1]}@example.com`], 'valid'],
    )
    const page = await service().succeed('ListAcmeAccounts', { KeyId: first, MaxResults: '1' }, extension)
    const rest = await list({ KeyId: first, NextToken: String(page['NextToken']) })
    assert.deepEqual(
      rest.map(({ AcmeAccountId }) => AcmeAccountId),
      [ids[0]],
    )

    const revoke = { AcmeAccountId: ids[0] ?? '', Status: 'revoked' }
    await service().succeed('UpdateAcmeAccount', revoke, extension)
    const again = await service().call('UpdateAcmeAccount', revoke, extension)
    assert.equal(outcomeOf(again), '409 OperationConflict.AcmeAccount')
    assert.match(again.text, /revoked already/)
    assert.equal((await service().succeed('GetEabKey', { KeyId: first }, extension))['AccountsBound'], 1)
    assert.deepEqual(
      (await list({ Status: 'revoked' })).map(({ AcmeAccountId }) => AcmeAccountId),
      [ids[0]],
    )
    const trail = await service().succeed('LookupEvents', { Kind: 'acmeAccount.updated' }, extension)
    assert.deepEqual(
      (trail['Events'] as { ResourceName: string; Detail: string }[]).map((event) => [event.ResourceName, event.Detail]),
      [[`acmeaccount/${ids[0]}`, '{"status":"revoked"}']],
    )
    assert.equal(outcomeOf(await service().call('UpdateAcmeAccount', { ...revoke, Status: 'valid' }, extension)), '400 InvalidParameter')
  })
})
