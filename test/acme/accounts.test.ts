import assert from 'node:assert/strict'
import { it } from 'node:test'
import { describeService, type TestService, until } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { AcmeClient, bind, encode, makeKey, signJws } from './acme-client.ts'
import { createExternalAccount } from './external-accounts.ts'

const base = ({ addresses }: TestService) => addresses.http ?? assert.fail()
const open = (service: TestService) => AcmeClient.open(base(service))

/** A client with an account of its own. */
async function registered(service: TestService): Promise<AcmeClient> {
  const client = await open(service)
  assert.equal((await client.register(await createExternalAccount(service))).status, 201)
  return client
}

describeService('accounts of the ACME door', (service) => {
  it('25. and 26. a new key gets an account, a known one finds it unchanged (7.3)', async () => {
    const client = await open(service())
    const external = await createExternalAccount(service())
    const made = await client.register(external, { contact: ['mailto:ops@example.com'] })
    assert.equal(made.status, 201, made.text)
    const location = made.headers.get('location') ?? ''
    assert.match(location, new RegExp(`^${base(service())}/acme/account/[0-9]+$`))
    assert.equal(made.body['status'], 'valid')
    assert.deepEqual(made.body['contact'], ['mailto:ops@example.com'])
    assert.equal(made.body['orders'], `${location}/orders`)
    assert.equal(typeof (made.body['externalAccountBinding'] as Record<string, unknown>)['signature'], 'string')
    const again = await client.register(undefined, { contact: ['mailto:other@example.com'] })
    assert.deepEqual([again.status, again.headers.get('location'), again.body], [200, location, made.body])
  })

  it('27. onlyReturnExisting makes nothing (7.3.1)', async () => {
    const client = await open(service())
    const external = await createExternalAccount(service())
    for (const _ of [1, 2]) {
      const answer = await client.register(external, { onlyReturnExisting: true })
      assert.deepEqual([answer.status, answer.error], [400, 'accountDoesNotExist'])
    }
    assert.equal((await client.register(external)).status, 201)
    assert.equal((await client.register(undefined, { onlyReturnExisting: true })).status, 200)
  })

  it('29. contacts are mailto: URLs of one address (7.3)', async () => {
    const client = await open(service())
    const external = await createExternalAccount(service())
    const bad: [unknown, string][] = [
      [['tel:+123'], 'unsupportedContact'],
      [['https://example.com/'], 'unsupportedContact'],
      [['mailto:a@example.com?subject=x'], 'invalidContact'],
      [['mailto:a@example.com,b@example.com'], 'invalidContact'],
      [['mailto:nobody'], 'invalidContact'],
      [['a@example.com'], 'invalidContact'],
      [[7], 'invalidContact'],
      ['mailto:a@example.com', 'malformed'],
    ]
    for (const [contact, error] of bad) assert.equal((await client.register(external, { contact })).error, error, JSON.stringify(contact))
    assert.deepEqual((await client.register(external, { contact: [] })).body['contact'], [])
  })

  it('30. contacts change, other members are passed over (7.3.2)', async () => {
    const client = await registered(service())
    const url = client.kid ?? ''
    const changed = await client.post(url, {
      contact: ['mailto:b@example.com'],
      orders: 'x',
      status: 'revoked',
      termsOfServiceAgreed: true,
      odd: 1,
    })
    assert.deepEqual([changed.status, changed.body['contact'], changed.body['status']], [200, ['mailto:b@example.com'], 'valid'])
    assert.deepEqual((await client.post(url)).body, changed.body)
    const other = await registered(service())
    assert.deepEqual((await other.post(url)).error, 'unauthorized')
  })

  it('32. an external account binding has to be there and right (7.3.4)', async () => {
    const client = await open(service())
    const url = client.url('newAccount')
    const external = await createExternalAccount(service())
    const without = await client.register(undefined)
    assert.deepEqual([without.status, without.error], [403, 'externalAccountRequired'])
    const good = bind(external, client.key, url)
    const wrong: [unknown, string][] = [
      [bind(external, makeKey(), url), 'unauthorized'],
      [bind(external, client.key, `${url}2`), 'unauthorized'],
      [bind({ ...external, mac: Buffer.alloc(32) }, client.key, url), 'unauthorized'],
      [bind({ ...external, kid: 'eab-nobody' }, client.key, url), 'unauthorized'],
      [bind(external, client.key, url, { nonce: 'AAAA' }), 'unauthorized'],
      [bind(external, client.key, url, { alg: 'none' }), 'unauthorized'],
      [signJws(client.key, { alg: 'ES256', kid: external.kid, url }, client.key.jwk), 'unauthorized'],
      [{ ...good, payload: encode('{"a"') }, 'malformed'],
      ['a text', 'malformed'],
    ]
    for (const [externalAccountBinding, error] of wrong) {
      assert.equal((await client.register(undefined, { externalAccountBinding })).error, error, JSON.stringify(externalAccountBinding))
    }
    await service().succeed('UpdateEabKey', { KeyId: external.kid, Status: 'Inactive' }, extension)
    assert.equal((await client.register(external)).error, 'unauthorized')
    await service().succeed('UpdateEabKey', { KeyId: external.kid, Status: 'Active' }, extension)
    assert.equal((await client.register(external)).status, 201)
  })

  it('32. an external account key has no more accounts than it may have, also at a time (7.3.4)', async () => {
    const external = await createExternalAccount(service(), { AccountLimit: '2' })
    const clients = await Promise.all(Array.from({ length: 5 }, () => open(service())))
    const answers = await Promise.all(clients.map((client) => client.register(external)))
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [201, 201, 403, 403, 403],
    )
  })

  it('26. one key that registers five times at a time has one account (7.3.1)', async () => {
    const external = await createExternalAccount(service())
    const client = await open(service())
    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const twin = await AcmeClient.open(base(service()), client.key)
        return await twin.register(external)
      }),
    )
    assert.equal(new Set(answers.map(({ headers }) => headers.get('location'))).size, 1)
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 200, 200, 200, 201],
    )
  })

  /** The inner JWS of a key change. */
  function change(client: AcmeClient, key = makeKey(), header: object = {}, payload: object = {}) {
    const url = client.url('keyChange')
    return signJws(key, { alg: key.alg, jwk: key.jwk, url, ...header }, { account: client.kid, oldKey: client.key.jwk, ...payload })
  }

  it('33. a key change needs both keys; afterwards the old one is nobody (7.3.5)', async () => {
    const client = await registered(service())
    const other = await registered(service())
    const url = client.url('keyChange')
    const key = makeKey()
    const wrong = [
      change(client, key, { nonce: 'AAAA' }),
      change(client, key, { url: `${url}2` }),
      change(client, key, { jwk: makeKey().jwk }),
      change(client, key, { kid: client.kid, jwk: undefined }),
      change(client, key, {}, { account: other.kid }),
      change(client, key, {}, { oldKey: other.key.jwk }),
      {},
    ]
    for (const inner of wrong) assert.deepEqual([(await client.post(url, inner)).error], ['malformed'], JSON.stringify(inner))
    const taken = await client.post(url, change(client, other.key))
    assert.deepEqual([taken.status, taken.headers.get('location')], [409, other.kid])
    assert.equal((await client.post(url, change(client, client.key))).status, 409)
    const changed = await client.post(url, change(client, key))
    assert.equal(changed.status, 200, changed.text)
    assert.equal((await client.post(client.kid ?? '')).error, 'malformed')
    client.key = key
    assert.equal((await client.post(client.kid ?? '')).status, 200)
    const found = await client.register(undefined, { onlyReturnExisting: true })
    assert.equal(found.status, 200)
  })

  it('34. of two key changes at a time one wins, and of two accounts that want one key (7.3.5)', async () => {
    const client = await registered(service())
    const url = client.url('keyChange')
    const both = await Promise.all([client.post(url, change(client)), client.post(url, change(client))])
    assert.equal(both.filter(({ status }) => status === 200).length, 1, both.map(({ text }) => text).join())
    const [one, two] = [await registered(service()), await registered(service())]
    const wanted = makeKey()
    const answers = await Promise.all([one, two].map((each) => each.post(url, change(each, wanted))))
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 409],
    )
  })

  it("33. a key that was given up registers no account, whatever its binding says, and becomes nobody else's (7.3.5)", async () => {
    const client = await open(service())
    const external = await createExternalAccount(service())
    const url = client.url('newAccount')
    const externalAccountBinding = bind(external, client.key, url)
    assert.equal((await client.register(undefined, { externalAccountBinding })).status, 201)
    const { kid = '', key: old } = client
    const { body } = await client.post(kid)
    const next = makeKey()
    assert.equal((await client.post(client.url('keyChange'), change(client, next))).status, 200)
    client.key = next
    // Whoever has the old key knows the binding too: accounts show it.
    const thief = await AcmeClient.open(base(service()), old)
    const steal = async (binding: unknown) => {
      const answer = await thief.register(undefined, { externalAccountBinding: binding })
      assert.deepEqual([answer.status, answer.error], [401, 'unauthorized'], answer.text)
    }
    await steal(body['externalAccountBinding'])
    await steal(bind(await createExternalAccount(service()), old, url))
    assert.equal((await client.post(client.url('keyChange'), change(client, old))).status, 409)
    const other = await registered(service())
    assert.equal((await other.post(other.url('keyChange'), change(other, old))).status, 409)
    // The operator shuts the account because the old key was stolen.
    await service().succeed('UpdateAcmeAccount', { AcmeAccountId: kid.split('/').at(-1) ?? '', Status: 'revoked' }, extension)
    await steal(externalAccountBinding)
  })

  it('33. of a key change and a registration by the old key at a time the registration makes no second account (7.3.5)', async () => {
    for (let round = 0; round < 5; round += 1) {
      const client = await open(service())
      const external = await createExternalAccount(service())
      assert.equal((await client.register(external)).status, 201)
      const twin = await AcmeClient.open(base(service()), client.key)
      const [changed, again] = await Promise.all([client.post(client.url('keyChange'), change(client)), twin.register(external)])
      assert.equal(changed.status, 200, changed.text)
      assert.ok(again.status === 401 || again.headers.get('location') === client.kid, again.text)
    }
  })

  it('33., 35. and 71. with its external account key off an account still ends what it has, and gets nothing new (7.3.4)', async () => {
    for (const end of ['Inactive', 'Deleted'] as const) {
      const client = await open(service())
      const external = await createExternalAccount(service())
      assert.equal((await client.register(external)).status, 201)
      if (end === 'Deleted') await service().succeed('DeleteEabKey', { KeyId: external.kid }, extension)
      else await service().succeed('UpdateEabKey', { KeyId: external.kid, Status: end }, extension)
      const ordered = await client.post(client.url('newOrder'), { identifiers: [{ type: 'dns', value: 'off.example.com' }] })
      assert.deepEqual([ordered.status, ordered.error], [403, 'unauthorized'])
      const key = makeKey()
      const changed = await client.post(client.url('keyChange'), change(client, key))
      assert.equal(changed.status, 200, changed.text)
      client.key = key
      // It is looked at: it is no certificate.
      assert.equal((await client.post(client.url('revokeCert'), { certificate: 'AAAA' })).error, 'malformed')
      const closed = await client.post(client.kid ?? '', { status: 'deactivated' })
      assert.deepEqual([closed.status, closed.body['status']], [200, 'deactivated'], closed.text)
    }
  })

  it('35. a deactivated account is over, and so is its key (7.3.6)', async () => {
    const client = await registered(service())
    const url = client.kid ?? ''
    const placed = await client.post(client.url('newOrder'), { identifiers: [{ type: 'dns', value: 'gone.example.com' }] })
    assert.equal(placed.status, 201, placed.text)
    const closed = await client.post(url, { status: 'deactivated' })
    assert.deepEqual([closed.status, closed.body['status']], [200, 'deactivated'])
    const late = await client.post(url)
    assert.deepEqual([late.status, late.error], [401, 'unauthorized'])
    const again = await client.register(await createExternalAccount(service()))
    assert.deepEqual([again.status, again.error], [401, 'unauthorized'])
    // Its open order gives its unit back without it.
    const id = Number(placed.headers.get('location')?.split('/').at(-1))
    await until('the order to end', async () => {
      const row = await service().services.db.read.selectFrom('orders').select('state').where('id', '=', id).executeTakeFirst()
      return row?.state === 'failed' ? row : undefined
    })
  })

  it('36. an account that was shut by the server is over (7.1.6)', async () => {
    const client = await registered(service())
    const id = client.kid?.split('/').at(-1) ?? ''
    await service().succeed('UpdateAcmeAccount', { AcmeAccountId: id, Status: 'revoked' }, extension)
    assert.equal((await client.post(client.kid ?? '')).status, 401)
  })

  it('13., 14. and 49. orders are listed to their account alone, by an empty payload (7.1.2.1)', async () => {
    const client = await registered(service())
    const other = await registered(service())
    const orders = `${client.kid}/orders`
    assert.deepEqual((await client.post(orders)).body, { orders: [] })
    assert.equal((await client.post(orders, {})).error, 'malformed')
    assert.equal((await other.post(orders)).error, 'unauthorized')
    assert.equal((await client.post(`${orders}?cursor=x`)).error, 'malformed')
    const placed = await client.post(client.url('newOrder'), { identifiers: [{ type: 'dns', value: 'listed.example.com' }] })
    assert.equal(placed.status, 201, placed.text)
    const order = placed.headers.get('location') ?? ''
    assert.deepEqual((await client.post(orders)).body, { orders: [order] })
    const { authorizations } = placed.body as { authorizations: string[] }
    const [authorization = ''] = authorizations
    const shown = await client.post(authorization)
    assert.equal(shown.status, 200, shown.text)
    const [challenge] = shown.body['challenges'] as { url: string; token: string }[]
    for (const url of [order, authorization, challenge?.url ?? '']) {
      const answer = await other.post(url)
      assert.deepEqual([answer.status, answer.error], [404, 'malformed'], url)
      assert.ok(!answer.text.includes('example.com'))
    }
  })
})

describeService(
  'terms of the ACME door',
  (service) => {
    it('28. terms have to be agreed to, and the directory says where they are (7.3.2)', async () => {
      const client = await open(service())
      assert.equal(client.directory.meta['termsOfService'], 'https://ca.example/terms')
      assert.equal(client.directory.meta['website'], 'https://ca.example')
      assert.deepEqual(client.directory.meta['caaIdentities'], ['ca.example', 'pki.ca.example'])
      const external = await createExternalAccount(service())
      const refused = await client.register(external, { termsOfServiceAgreed: false })
      assert.deepEqual([refused.status, refused.error], [403, 'userActionRequired'])
      assert.match(refused.headers.get('link') ?? '', /<https:\/\/ca\.example\/terms>;rel="terms-of-service"/)
      assert.equal((await client.register(external)).status, 201)
    })
  },
  {
    only: 'sqlite',
    env: {
      CHANCERY_ACME_TERMS: 'https://ca.example/terms',
      CHANCERY_ACME_WEBSITE: 'https://ca.example/',
      CHANCERY_ACME_CAA_IDENTITIES: 'ca.example,pki.ca.example',
    },
  },
)
