import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { json } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { basesOf } from '../../src/acme/urls.ts'
import { loadSettings } from '../../src/config.ts'
import { describeService, until } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { createTenantAccount, createUserWithKey, grant } from '../support/tenants.ts'
import { AcmeClient, signJws } from './acme-client.ts'
import { createExternalAccount } from './external-accounts.ts'

describeService('the ACME door beside the others', (service) => {
  const base = () => service().addresses.http ?? assert.fail()

  it('puts reads and refusals on record, and changes once', async () => {
    const client = await AcmeClient.open(base())
    const made = await client.register(await createExternalAccount(service()))
    const url = client.kid ?? ''
    await client.post(url)
    await client.post(`${base()}/acme/order/4711`)
    const { db } = service().services
    const acme = async () => {
      const rows = await db.read
        .selectFrom('events')
        .select(['action', 'code', 'kind', 'principal', 'request_id'])
        .where('action', 'like', 'Acme%')
        .execute()
      return rows.some(({ action }) => action === 'AcmeOrder') ? rows : undefined
    }
    const rows = await until('the calls to be stored', acme)
    assert.deepEqual(
      rows.filter(({ request_id }) => request_id === made.headers.get('x-request-id')).map(({ kind }) => kind),
      ['acmeAccount.created'],
    )
    const reads = rows.filter(({ kind }) => kind === 'call').map(({ action, code, principal }) => [action, code, principal])
    const principal = `acs:ram::${service().accountId}:root`
    assert.deepEqual(reads, [
      ['AcmeAccount', 'OK', principal],
      ['AcmeOrder', 'NotFoundOrder', principal],
    ])
    const lines = service().logLines.filter((line) => line.includes('acme request'))
    assert.ok(lines.some((line) => line.includes('"action":"AcmeOrder"') && line.includes('"error":"malformed"')))
    assert.ok(!lines.join().includes(String((made.body['externalAccountBinding'] as Record<string, unknown>)['signature'])))
  })

  it('acts for the user of the external account key, under its policies', async () => {
    await createUserWithKey(service(), 'acme-user')
    const external = await createExternalAccount(service(), { UserName: 'acme-user' })
    const client = await AcmeClient.open(base())
    assert.equal((await client.register(external)).status, 201)
    const order = { identifiers: [{ type: 'dns', value: 'user.example.com' }] }
    const refused = await client.post(client.url('newOrder'), order)
    assert.deepEqual([refused.status, refused.error], [403, 'unauthorized'], refused.text)
    const take = await grant(service(), 'acme-user', [{ Effect: 'Allow', Action: 'yundun-cert:*', Resource: '*' }])
    const placed = await client.post(client.url('newOrder'), order)
    assert.equal(placed.status, 201, placed.text)
    await take()
  })

  it('is closed to the accounts of a suspended tenant at once', async () => {
    const tenant = await createTenantAccount(service(), 'to-suspend')
    const made = await service().succeed(
      'CreateEabKey',
      { Name: 'x', 'Products.1': 'chancery-private-mix' },
      { ...extension, key: tenant.key },
    )
    const client = await AcmeClient.open(base())
    await client.register({ kid: String(made['KeyId']), mac: Buffer.from(String(made['MacKey']), 'base64url') })
    assert.equal((await client.post(client.kid ?? '')).status, 200)
    await service().succeed('UpdateAccount', { AccountId: String(tenant.accountId), Status: 'suspended' }, extension)
    const late = await client.post(client.kid ?? '')
    assert.deepEqual([late.status, late.error], [403, 'unauthorized'])
  })
})

describeService(
  'limits of the ACME door',
  (service) => {
    const look = { onlyReturnExisting: true }

    it('21. what is repeated spends nothing of the limit of whoever signed it (6.5)', async () => {
      const client = await AcmeClient.open(service().addresses.http ?? '')
      await client.register(await createExternalAccount(service()))
      const kid = client.kid ?? ''
      const jws = JSON.stringify(signJws(client.key, { alg: client.key.alg, kid, nonce: await client.nonce(), url: kid }, undefined))
      assert.equal((await client.send(kid, jws)).status, 200)
      for (let count = 0; count < 12; count += 1) assert.equal((await client.send(kid, jws)).error, 'badNonce')
      assert.equal((await client.post(kid)).status, 200)
    })

    it('78. what is over the limit is 429 with Retry-After and help; nonces and the directory are not limited (6.6)', async () => {
      const client = await AcmeClient.open(service().addresses.http ?? '')
      const url = client.url('newAccount')
      // No failures that count as guesses: accounts that are looked for by their key.
      const answers = await Promise.all(Array.from({ length: 8 }, () => client.post(url, '[]')))
      const limited = answers.filter(({ status }) => status === 429)
      assert.ok(limited.length >= 3, answers.map(({ status }) => status).join())
      for (const { error, headers } of limited) {
        assert.equal(error, 'rateLimited')
        assert.match(headers.get('retry-after') ?? '', /^[1-9][0-9]*$/)
        assert.match(headers.get('link') ?? '', /<https:\/\/ca\.example>;rel="help"/)
        assert.ok(headers.get('replay-nonce') !== null)
      }
      for (let count = 0; count < 20; count += 1) assert.notEqual(await client.nonce(), '')
    })

    it('an address whose signatures are wrong too often waits, at both doors; right ones of revocations pass', async () => {
      const client = await AcmeClient.open(service().addresses.http ?? '')
      const other = await AcmeClient.open(service().addresses.http ?? '')
      const url = client.url('newAccount')
      let last = await client.post(url, look, { header: { jwk: other.key.jwk } })
      for (let count = 0; count < 30 && last.status !== 429; count += 1)
        last = await client.post(url, look, { header: { jwk: other.key.jwk } })
      assert.equal(last.error, 'rateLimited')
      const revoked = await client.post(client.url('revokeCert'), { certificate: 'AAAA' })
      assert.equal(revoked.status < 429, true, revoked.text)
      const nonce = await client.nonce()
      const wrong = await client.post(client.url('revokeCert'), { certificate: 'AAAA' }, { header: { jwk: other.key.jwk, nonce } })
      assert.equal(wrong.error, 'rateLimited')
      // It was not worth a place in the guard.
      assert.notEqual((await client.post(client.url('revokeCert'), { certificate: 'AAAA' }, { header: { nonce } })).error, 'badNonce')
      assert.equal((await service().call('ListUserCertificateOrder', {})).body['Code'], 'Throttling.User')
    })
  },
  {
    only: 'sqlite',
    env: {
      CHANCERY_CALL_RATES: 'AcmeNewAccount=4,AcmeAccount=3',
      CHANCERY_FAILED_CALLS_PER_MINUTE: '30',
      CHANCERY_ACME_WEBSITE: 'https://ca.example',
    },
  },
)

describeService(
  'a full guard of the ACME door',
  (service) => {
    it('21. refuses what is signed with 429, and signed calls go on (6.5)', async () => {
      const client = await AcmeClient.open(service().addresses.http ?? '')
      await client.register(await createExternalAccount(service()))
      const posts = async () => {
        for (let count = 0; count < 101; count += 1) await client.post(client.kid ?? '')
      }
      await Promise.all(Array.from({ length: 10 }, posts))
      const refused = await client.post(client.kid ?? '')
      assert.deepEqual([refused.status, refused.error], [429, 'rateLimited'])
      // The first ones are forgotten with the minute in which they end.
      assert.ok(Number(refused.headers.get('retry-after')) > 600, refused.headers.get('retry-after') ?? '')
      await service().succeed('ListUserCertificateOrder', {})
    })
  },
  { only: 'sqlite', env: { CHANCERY_ACME_REPLAY_CAPACITY: '1000' } },
)

describeService(
  'the failures of an address at the ACME door',
  (service) => {
    it('are also what it signs with keys of nobody, or with none that fits: each of these uses up a nonce', async () => {
      const client = await AcmeClient.open(service().addresses.http ?? '')
      const failures = [
        [client.url('newAccount'), '[]', {}],
        [client.url('revokeCert'), { certificate: 'AAAA' }, {}],
        [client.url('newAccount'), '{}', { alg: 'EdDSA' }],
      ] as const
      for (let count = 0; count < 10; count += 1) {
        const [url, payload, header] = failures[count % 3] ?? assert.fail()
        assert.notEqual((await client.post(url, payload, { header })).status, 429)
      }
      assert.equal((await client.post(client.url('newAccount'), '[]')).error, 'rateLimited')
      // Revocation stays open, as far as a hand can go.
      const revocation = (nonce: string) => client.post(client.url('revokeCert'), { certificate: 'AAAA' }, { header: { nonce } })
      assert.equal((await revocation(await client.nonce())).error, 'malformed')
      const nonces = await Promise.all(Array.from({ length: 20 }, () => client.nonce()))
      const answers = await Promise.all(nonces.map(revocation))
      const refused = nonces.filter((_, at) => answers[at]?.error === 'rateLimited')
      assert.ok(refused.length >= 3, answers.map(({ status }) => status).join())
      await sleep(1_100)
      assert.equal((await revocation(refused[0] ?? '')).error, 'malformed')
    })
  },
  { only: 'sqlite', env: { CHANCERY_FAILED_CALLS_PER_MINUTE: '30' } },
)

describeService(
  'the ACME door over HTTPS alone',
  (service) => {
    it('1. the HTTPS listener serves it under its own address (6.1)', async () => {
      const url = `${service().addresses.https}/acme/directory`
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
      request(url, { rejectUnauthorized: false }, resolve).on('error', reject).end()
      const response = await promise
      assert.equal(response.statusCode, 200)
      assert.equal(((await json(response)) as { newOrder: string }).newOrder, `${service().addresses.https}/acme/new-order`)
    })
  },
  { only: 'sqlite', env: { CHANCERY_HTTP_LISTEN: '127.0.0.1:0', CHANCERY_HTTPS_LISTEN: '127.0.0.1:0' } },
)

describeService(
  'a process without the role acme',
  (service) => {
    it('does not serve the door', async () => {
      const response = await service().get('/acme/directory')
      assert.notEqual(response.status, 200)
    })
  },
  { only: 'sqlite', env: { CHANCERY_ROLES: 'api,worker' } },
)

describe('the base of URLs', () => {
  const settings = (env: Record<string, string>) => ({ settings: loadSettings({ CHANCERY_HTTPS_LISTEN: 'off', ...env }) })
  const from = (host: string | undefined, socket: object) =>
    ({
      headers: { host },
      socket: { remoteAddress: '192.0.2.7', localAddress: '192.0.2.1', localPort: 8443, ...socket },
    }) as unknown as IncomingMessage
  const loopback = { remoteAddress: '127.0.0.1', localAddress: '127.0.0.1' }
  const known = { CHANCERY_PUBLIC_URL: 'https://ca.example' }

  it('is the public URL, whatever Host says', () => {
    for (const host of ['ca.example', 'evil.example', '127.0.0.1:8443', undefined]) {
      assert.deepEqual(basesOf(settings(known), from(host, {})), ['https://ca.example'])
    }
  })

  it('on the loopback is also what the client calls it, but not behind a trusted proxy', () => {
    assert.deepEqual(basesOf(settings(known), from('localhost:8080', loopback)), ['http://localhost:8080', 'https://ca.example'])
    assert.deepEqual(basesOf(settings(known), from('evil.example', loopback)), ['https://ca.example'])
    assert.deepEqual(basesOf(settings({ ...known, CHANCERY_TRUSTED_PROXIES: '127.0.0.0/8' }), from('127.0.0.1:8080', loopback)), [
      'https://ca.example',
    ])
  })

  it('without one is the address that was reached', () => {
    assert.deepEqual(basesOf(settings({}), from('evil.example', { encrypted: true })), ['https://192.0.2.1:8443'])
    assert.deepEqual(basesOf(settings({}), from('evil.example', { localAddress: '2001:db8::1', encrypted: true })), [
      'https://[2001:db8::1]:8443',
    ])
  })
})
