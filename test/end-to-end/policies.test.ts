import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { application, canRun, createTestData, describeService, engines, startTestService, until } from '../support/service.ts'
import { extension, rootKey, type SigningKey } from '../support/signed-call.ts'
import { createTenantAccount, createUserWithKey, grant, outcomeOf, type PolicyStatement, ram } from '../support/tenants.ts'

const place = { Effect: 'Allow', Action: 'yundun-cert:CreateCertificateRequest', Resource: '*' }
const describeOne = { Effect: 'Allow', Action: 'yundun-cert:DescribeCertificateState' }

describeService('policies of users', (service) => {
  let key: SigningKey
  before(async () => {
    key = await createUserWithKey(service(), 'team')
    await service().succeed('PurchasePackage', { ProductCode: 'geotrust-dv-w-starter', Count: '20' }, extension)
    await service().succeed('PurchasePackage', { ProductCode: 'geotrust-dv-1-starter', Count: '50' }, extension)
  })

  async function tried(statements: readonly PolicyStatement[], calls: () => Promise<void>): Promise<void> {
    const take = await grant(service(), 'team', statements)
    try {
      await calls()
    } finally {
      await take()
    }
  }

  const order = async (Domain: string, more: Readonly<Record<string, string>> = {}): Promise<string> =>
    outcomeOf(
      await service().call('CreateCertificateRequest', { ...application, ProductCode: 'geotrust-dv-1-starter', Domain, ...more }, { key }),
    )

  it('can let a team order only below its own domain, however a name is spelled', async () => {
    const onlyTeam = {
      ...place,
      Condition: { StringLike: { 'yundun-cert:Domain': ['*.team.example.com', '*.xn--bcher-kva.example.com'] } },
    }
    await tried([onlyTeam], async () => {
      for (const allowed of [
        'www.team.example.com',
        'WWW.Team.Example.COM',
        'a.b.team.example.com.',
        'shop.bücher.example.com',
        'ｗｗｗ.team.example.com',
      ]) {
        assert.equal(await order(allowed), 'OK', allowed)
      }
      assert.equal(await order('*.team.example.com', { ProductCode: 'geotrust-dv-w-starter' }), 'OK')
      for (const refused of [
        'team.example.com',
        'www.example.com',
        'www.team.example.com.evil.com',
        'www.other.example.com',
        'xteam.example.com',
        '',
      ]) {
        assert.equal(await order(refused), '403 NoPermission', refused)
      }
    })
  })

  it('need every name of an order to be allowed', async () => {
    const several = { ...place, Action: 'yundun-cert:CreateCertificateForPackageRequest' }
    await tried([{ ...several, Condition: { StringLike: { 'yundun-cert:Domain': '*.team.example.com' } } }], async () => {
      const call = async (Domain: string) =>
        outcomeOf(
          await service().call(
            'CreateCertificateForPackageRequest',
            { ...application, ProductCode: 'geotrust-dv-1-starter', Domain },
            { key },
          ),
        )
      assert.equal(await call('a.team.example.com,b.team.example.com'), 'OK')
      assert.equal(await call('a.team.example.com,www.example.com'), '403 NoPermission')
      assert.equal(await call('a.team.example.com,'), '403 NoPermission')
    })
  })

  it('can name product, method and tags of a request', async () => {
    const condition = {
      StringEquals: { 'yundun-cert:ProductCode': 'geotrust-dv-1-starter', 'yundun-cert:ValidateType': 'DNS', 'acs:RequestTag/team': 'web' },
    }
    await tried([{ ...place, Condition: condition }], async () => {
      const tag = { 'Tags.1.Key': 'team', 'Tags.1.Value': 'web' }
      assert.equal(await order('www.example.com', tag), 'OK')
      assert.equal(await order('www.example.com'), '403 NoPermission')
      assert.equal(await order('www.example.com', { ...tag, 'Tags.1.Value': 'ops' }), '403 NoPermission')
      assert.equal(await order('www.example.com', { ...tag, ValidateType: 'FILE' }), '403 NoPermission')
      assert.equal(await order('www.example.com', { ...tag, ProductCode: 'geotrust-dv-w-starter' }), '403 NoPermission')
    })
  })

  it('can name one order, one product, the tags and names of an order that exists', async () => {
    const one = await service().succeed('CreateCertificateRequest', { ...application, 'Tags.1.Key': 'team', 'Tags.1.Value': 'web' })
    const two = await service().succeed('CreateCertificateRequest', { ...application, Domain: 'two.example.org' })
    const read = async (id: unknown) => outcomeOf(await service().call('DescribeCertificateState', { OrderId: String(id) }, { key }))
    const both = async () => [await read(one['OrderId']), await read(two['OrderId']), await read('99999999999')]
    const account = service().accountId
    await tried([{ ...describeOne, Resource: `acs:yundun-cert:*:${account}:order/${String(one['OrderId'])}` }], async () => {
      assert.deepEqual(await both(), ['OK', '403 NoPermission', '403 NoPermission'])
    })
    await tried([{ ...describeOne, Resource: '*', Condition: { StringEquals: { 'acs:ResourceTag/team': 'web' } } }], async () => {
      assert.deepEqual(await both(), ['OK', '403 NoPermission', '403 NoPermission'])
    })
    await tried([{ ...describeOne, Resource: '*', Condition: { StringLike: { 'yundun-cert:Domain': '*.example.org' } } }], async () => {
      assert.deepEqual(await both(), ['403 NoPermission', 'OK', '403 NoPermission'])
    })
    await tried([{ ...place, Resource: `acs:yundun-cert:*:${account}:package/geotrust-dv-1-starter` }], async () => {
      assert.equal(await order('www.example.com'), 'OK')
      assert.equal(await order('www.example.com', { ProductCode: 'digicert-free-1-free' }), '403 NoPermission')
    })
  })

  it('can name where from, when and how a call comes', async () => {
    const tries: [condition: object, outcome: string][] = [
      [{ IpAddress: { 'acs:SourceIp': '127.0.0.0/8' } }, 'OK'],
      [{ IpAddress: { 'acs:SourceIp': '192.0.2.0/24' } }, '403 NoPermission'],
      [{ Bool: { 'acs:SecureTransport': 'true' } }, '403 NoPermission'],
      [{ DateLessThan: { 'acs:CurrentTime': '2020-01-01T00:00:00Z' } }, '403 NoPermission'],
      [{ StringEquals: { 'acs:PrincipalARN': `acs:ram:*:${service().accountId}:user/team` } }, 'OK'],
      [{ StringEquals: { 'acs:PrincipalTag/squad': 'blue' } }, '403 NoPermission'],
    ]
    for (const [Condition, outcome] of tries) {
      await tried([{ ...place, Condition }], async () => assert.equal(await order('www.example.com'), outcome, JSON.stringify(Condition)))
    }
    await service().succeed(
      'TagResources',
      { ResourceType: 'user', 'ResourceNames.1': 'team', 'Tag.1.Key': 'squad', 'Tag.1.Value': 'blue' },
      ram,
    )
    await tried([{ ...place, Condition: { StringEquals: { 'acs:PrincipalTag/squad': 'blue' } } }], async () => {
      assert.equal(await order('www.example.com'), 'OK')
    })
  })

  it('bear on a user through its groups too, from one call to the next', async () => {
    await service().succeed('CreateGroup', { GroupName: 'orderers' }, ram)
    const attach = { PolicyName: 'AliyunYundunCertFullAccess', PolicyType: 'System', GroupName: 'orderers' }
    await service().succeed('AttachPolicyToGroup', attach, ram)
    assert.equal(await order('www.example.com'), '403 NoPermission')
    await service().succeed('AddUserToGroup', { UserName: 'team', GroupName: 'orderers' }, ram)
    assert.equal(await order('www.example.com'), 'OK')
    await service().succeed('RemoveUserFromGroup', { UserName: 'team', GroupName: 'orderers' }, ram)
    assert.equal(await order('www.example.com'), '403 NoPermission')
  })

  it('stop with the key: switched off, or deleted', async () => {
    const mine = await createUserWithKey(service(), 'leaver')
    const call = async () => outcomeOf(await service().call('ListOrders', {}, { ...extension, key: mine }))
    assert.equal(await call(), '403 NoPermission')
    const its = { UserName: 'leaver', UserAccessKeyId: mine.accessKeyId }
    await service().succeed('UpdateAccessKey', { ...its, Status: 'Inactive' }, ram)
    assert.equal(await call(), '400 InvalidAccessKeyId.Inactive')
    await service().succeed('UpdateAccessKey', { ...its, Status: 'Active' }, ram)
    assert.equal(await call(), '403 NoPermission')
    await service().succeed('DeleteAccessKey', its, ram)
    assert.equal(await call(), '404 InvalidAccessKeyId.NotFound')
  })
})

describeService(
  'reading a private key',
  (service) => {
    async function issue(key?: SigningKey): Promise<string> {
      const { OrderId } = await service().succeed('CreateCertificateRequest', { ...application, KeyAlgorithm: 'ECC_256' }, key && { key })
      await until('the certificate', async () => {
        const state = await service().succeed('DescribeCertificateState', { OrderId: String(OrderId) }, key && { key })
        return state['Type'] === 'certificate' ? state : undefined
      })
      return String(OrderId)
    }
    const keysRead = async () =>
      (await service().services.db.read.selectFrom('events').select('id').where('kind', '=', 'key.read').execute()).length

    it('is a permission of its own where the account says so, and comes with the certificate where it does not', async () => {
      const key = await createUserWithKey(service(), 'reader')
      const take = await grant(service(), 'reader', [{ ...describeOne, Resource: '*' }])
      const OrderId = await issue()
      const read = async () => await service().succeed('DescribeCertificateState', { OrderId }, { key })
      // The mode of an emulator: as the original.
      assert.match(String((await read())['PrivateKey']), /^-----BEGIN EC PRIVATE KEY/)
      await service().succeed('UpdateAccount', { AccountId: String(service().accountId), KeyReading: 'separate' }, extension)
      const before = await keysRead()
      const withheld = await read()
      assert.match(String(withheld['Certificate']), /^-----BEGIN CERTIFICATE/)
      assert.deepEqual([withheld['PrivateKey'], withheld['PrivateKeyWithheld']], [undefined, true])
      assert.equal(await keysRead(), before, 'nothing was read')
      const more = await grant(service(), 'reader', [
        { Effect: 'Allow', Action: 'yundun-cert:GetPrivateKey', Resource: `acs:yundun-cert:*:*:certificate/${String(withheld['CertId'])}` },
      ])
      const given = await read()
      assert.match(String(given['PrivateKey']), /^-----BEGIN EC PRIVATE KEY/)
      assert.equal(given['PrivateKeyWithheld'], undefined)
      assert.equal(await keysRead(), before + 1)
      await more()
      await take()
      await service().succeed(
        'AttachPolicyToUser',
        { PolicyName: 'AliyunYundunCertReadOnlyAccess', PolicyType: 'System', UserName: 'reader' },
        ram,
      )
      assert.equal((await read())['PrivateKeyWithheld'], true)
      assert.match(String((await service().succeed('DescribeCertificateState', { OrderId }))['PrivateKey']), /^-----BEGIN/)
    })
  },
  { env: { CHANCERY_EMULATOR: '1', CHANCERY_EMULATOR_PROOFS: '0' } },
)

describeService('accounts', (service) => {
  it('are made by the operator alone, once for each token, and the secret is told once', async () => {
    const input = { Name: 'a tenant', ClientToken: 'once' }
    const made = await service().succeed('CreateAccount', input, extension)
    assert.match(String(made['AccountId']), /^[0-9]{16}$/)
    assert.match(String(made['AccessKeySecret']), /^[A-Za-z0-9]{30}$/)
    const { AccessKeySecret: _secret, RequestId: _id, ...ids } = made
    const again = await service().succeed('CreateAccount', input, extension)
    assert.deepEqual({ ...again, RequestId: undefined }, { ...ids, RequestId: undefined })
    const tenant = { accessKeyId: String(made['AccessKeyId']), secret: String(made['AccessKeySecret']) }
    for (const [action, parameters] of [
      ['CreateAccount', { Name: 'x' }],
      ['ListAccounts', {}],
      ['GetAccount', { AccountId: String(made['AccountId']) }],
      ['UpdateAccount', { AccountId: String(made['AccountId']) }],
    ] as const) {
      assert.equal(outcomeOf(await service().call(action, parameters, { ...extension, key: tenant })), '403 NoPermission')
    }
    assert.deepEqual((await service().succeed('DescribePackageState', {}, { key: tenant }))['TotalCount'], 0)
  })

  it('are suspended with their users and keys, and resumed; the one of the operator is not', async () => {
    const { accountId, key } = await createTenantAccount(service(), 'late with its bills')
    const user = await createUserWithKey(service(), 'anybody', key)
    const AccountId = String(accountId)
    await service().succeed('UpdateAccount', { AccountId, Status: 'suspended' }, extension)
    for (const one of [key, user]) {
      assert.equal(outcomeOf(await service().call('DescribePackageState', {}, { key: one })), '400 InvalidAccessKeyId.Inactive')
    }
    await service().succeed('UpdateAccount', { AccountId, Status: 'active' }, extension)
    assert.equal(outcomeOf(await service().call('DescribePackageState', {}, { key })), 'OK')
    const own = { AccountId: String(service().accountId), Status: 'suspended' }
    assert.equal(outcomeOf(await service().call('UpdateAccount', own, extension)), '409 OperationDenied.OperatorAccount')
  })

  it('are listed in pages', async () => {
    for (const name of ['a', 'b', 'c']) await createTenantAccount(service(), name)
    const seen: unknown[] = []
    for (let NextToken: string | undefined; ;) {
      const page = await service().succeed('ListAccounts', { MaxResults: '2', ...(NextToken && { NextToken }) }, extension)
      seen.push(...(page['Accounts'] as { AccountId: number }[]).map((one) => one.AccountId))
      NextToken = page['NextToken'] as string | undefined
      if (NextToken === undefined) break
    }
    assert.equal(new Set(seen).size, seen.length)
    assert.ok(seen.length >= 4 && seen.includes(service().accountId))
  })

  it('buy for themselves, and the operator for them', async () => {
    const { accountId, key } = await createTenantAccount(service(), 'a buyer')
    const plan = { ProductCode: 'geotrust-dv-1-starter', Count: '3' }
    await service().succeed('PurchasePackage', { ...plan, AccountId: String(accountId) }, extension)
    await service().succeed('PurchasePackage', plan, { ...extension, key })
    assert.equal((await service().succeed('DescribePackageState', plan, { key }))['TotalCount'], 6)
    const foreign = { ...plan, AccountId: String(service().accountId) }
    assert.equal(outcomeOf(await service().call('PurchasePackage', foreign, { ...extension, key })), '403 NoPermission')
  })
})

describeService(
  'where the operator sells',
  (service) => {
    it('nobody else buys', async () => {
      const { key } = await createTenantAccount(service(), 'a tenant')
      const plan = { ProductCode: 'geotrust-dv-1-starter', Count: '3' }
      assert.equal(outcomeOf(await service().call('PurchasePackage', plan, { ...extension, key })), '403 NoPermission')
      await service().succeed('PurchasePackage', plan, extension)
    })
  },
  { env: { CHANCERY_PURCHASE: 'operator' } },
)

describe('permissions in several processes', () => {
  for (const engine of engines.filter((one) => one === 'postgres')) {
    it('follow a change that another process made', { skip: !canRun(engine, 'permissions in several processes') }, async () => {
      const data = await createTestData(engine)
      const env = { CHANCERY_MASTER_KEY_FILE: `${data.folder}/master.key`, CHANCERY_ROLES: 'api' }
      const one = await startTestService(data, env)
      const folder = await createTestData('sqlite')
      const two = await startTestService({ ...folder, databaseUrl: data.databaseUrl }, env)
      try {
        const key = await createUserWithKey(one, 'alice')
        const call = async () => outcomeOf(await two.call('ListOrders', {}, { ...extension, key }))
        assert.equal(await call(), '403 NoPermission')
        const take = await grant(one, 'alice', [{ Effect: 'Allow', Action: 'yundun-cert:ListOrders', Resource: '*' }])
        // The notice is on its way; it takes milliseconds, and at most five seconds if it is lost.
        await sleep(200)
        assert.equal(await call(), 'OK')
        await take()
        await sleep(200)
        assert.equal(await call(), '403 NoPermission')
        await one.succeed('DeleteAccessKey', { UserName: 'alice', UserAccessKeyId: key.accessKeyId }, { ...ram, key: rootKey })
        await sleep(200)
        assert.equal(await call(), '404 InvalidAccessKeyId.NotFound')
      } finally {
        await Promise.all([one.stop(), two.stop()])
        data.remove()
        folder.remove()
      }
    })
  }
})
