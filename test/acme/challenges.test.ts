import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ProofFailure } from '../../src/validation/proof.ts'
import { describeService, type TestService, until } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { createTenantAccount } from '../support/tenants.ts'
import { type AcmeClient, encode, makeKey, signJws } from './acme-client.ts'
import { challengesOf, choose, later, makeWorld, placeOrder, prove, registered } from './acme-orders.ts'
import { createExternalAccount } from './external-accounts.ts'

const world = makeWorld()
const dayMs = 86_400_000

/** The one authorization of an order for a name. */
async function authorize(client: AcmeClient, name: string): Promise<string> {
  const { authorizations } = await placeOrder(client, [name])
  return authorizations[0] ?? assert.fail('no authorization')
}

async function changeKey(client: AcmeClient): Promise<void> {
  const key = makeKey()
  const url = client.url('keyChange')
  const inner = signJws(key, { alg: key.alg, jwk: key.jwk, url }, { account: client.kid, oldKey: client.key.jwk })
  const { status, text } = await client.post(url, inner)
  assert.equal(status, 200, text)
  client.key = key
}

const looksAt = (name: string) => world.seen.filter(({ identifier }) => identifier === name)

describeService(
  'authorizations and challenges of the ACME door',
  (service) => {
    it('51. an authorization is pending, valid, invalid, deactivated or expired, with its end (7.1.4)', async () => {
      const client = await registered(service())
      const url = await authorize(client, 'a51.example.com')
      const show = async (of = url) => (await client.post(of)).body
      const pending = await show()
      assert.deepEqual(Object.keys(pending).toSorted(), ['challenges', 'expires', 'identifier', 'status'])
      assert.equal(pending['status'], 'pending')
      await later(world, [client], dayMs + 60_000, async () => assert.equal((await show())['status'], 'expired'))
      await choose(client, url)
      const valid = await show()
      assert.equal(valid['status'], 'valid')
      // Proofs count for 200 days (BR 4.2.1).
      assert.equal(Math.round((Date.parse(String(valid['expires'])) - service().services.clock()) / dayMs), 200)
      assert.equal((await client.post(url, { status: 'deactivated' })).body['status'], 'deactivated')
      assert.equal((await show())['status'], 'deactivated')
      world.failing.set('b51.example.com', 'tooLarge')
      const failing = await authorize(client, 'b51.example.com')
      await choose(client, failing)
      assert.equal((await show(failing))['status'], 'invalid')
    })

    it('52. lists the one challenge that was used once it is final, with the error of one that failed (7.5.1)', async () => {
      const failures: [ProofFailure, string][] = [
        ['forbiddenAddress', 'connection'],
        ['tooLarge', 'unauthorized'],
        ['badRedirect', 'unauthorized'],
      ]
      const client = await registered(service())
      for (const [failure, type] of failures) {
        const name = `${failure.toLowerCase()}.example.com`
        world.failing.set(name, failure)
        const url = await authorize(client, name)
        await choose(client, url, 'http-01')
        const [[used, challenge] = assert.fail(), ...others] = [...(await challengesOf(client, url))]
        assert.deepEqual([used, challenge.status, others], ['http-01', 'invalid', []])
        assert.equal(challenge.error?.type, `urn:ietf:params:acme:error:${type}`)
        assert.equal(challenge.error.detail, `Asked: ${failure}.`)
        assert.equal(challenge.validated, undefined)
      }
      const good = await authorize(client, 'good52.example.com')
      await choose(client, good, 'tls-alpn-01')
      assert.deepEqual(
        [...(await challengesOf(client, good))].map(([type, { status }]) => [type, status]),
        [['tls-alpn-01', 'valid']],
      )
    })

    it('53. starts with a JSON object of whatever content, and with nothing else (7.5.1)', async () => {
      const client = await registered(service())
      const url = await authorize(client, 'a53.example.com')
      const http = (await challengesOf(client, url)).get('http-01')?.url ?? assert.fail()
      for (const payload of ['[]', 'null', '"x"', '7', '{', '{"a":1,"a":2}', 'x']) {
        const answer = await client.post(http, payload)
        assert.deepEqual([answer.status, answer.error], [400, 'malformed'], payload)
      }
      assert.equal((await client.post(http)).body['status'], 'pending')
      assert.equal(looksAt('a53.example.com').length, 0)
      const started = await client.post(http, { type: 'dns-01', status: 'valid', token: 'x', keyAuthorization: 'y', validated: 7 })
      assert.deepEqual([started.status, started.body['status'], started.body['type']], [200, 'valid', 'http-01'])
    })

    it('54. is answered with 200, the challenge and the way up to its authorization, at once and later (7.5.1)', async () => {
      const client = await registered(service())
      world.failing.set('a54.example.com', 'network')
      const url = await authorize(client, 'a54.example.com')
      const before = performance.now()
      const first = await choose(client, url, 'http-01')
      assert.ok(performance.now() - before < 3_000)
      assert.deepEqual([first.status, first.body['status'], first.headers.get('retry-after')], [200, 'processing', '1'])
      assert.ok((first.headers.get('link') ?? '').includes(`<${url}>;rel="up"`))
      // Flat while it is open: some clients read it with patterns.
      assert.deepEqual(Object.keys(first.body), ['type', 'url', 'status', 'token'])
      assert.equal((await client.post(url)).body['status'], 'pending')
      world.failing.delete('a54.example.com')
      await later(world, [client], 2_500, async () => {
        await until('the second look', async () => ((await client.post(url)).body['status'] === 'valid' ? true : undefined))
      })
    })

    it('55. a finished challenge is given back as it is, and never looked at again (7.1.6)', async () => {
      const client = await registered(service())
      world.failing.set('lost55.example.com', 'tooLarge')
      for (const name of ['good55.example.com', 'lost55.example.com']) {
        const url = await authorize(client, name)
        const answer = await choose(client, url, 'http-01')
        world.failing.delete(name)
        const again = await client.post(String(answer.body['url']), {})
        assert.deepEqual([again.status, again.body], [200, answer.body])
        assert.equal(looksAt(name).length, 1)
        // Neither is another one started instead.
        assert.equal((await client.post(String(answer.body['url']).replace('http-01', 'dns-01'), {})).status, 404)
      }
    })

    it('56. a challenge of an authorization that is over cannot be started (7.1.6)', async () => {
      const client = await registered(service())
      const url = await authorize(client, 'a56.example.com')
      const http = (await challengesOf(client, url)).get('http-01')?.url ?? assert.fail()
      await later(world, [client], dayMs + 60_000, async () => {
        const late = await client.post(http, {})
        assert.deepEqual([late.status, late.error], [400, 'malformed'])
        assert.match(late.text, /expired/)
      })
      await client.post(url, { status: 'deactivated' })
      const gone = await client.post(http, {})
      assert.deepEqual([gone.status, gone.error], [400, 'malformed'])
      assert.match(gone.text, /deactivated/)
      assert.equal(looksAt('a56.example.com').length, 0)
    })

    it('57. says when it was proven (8)', async () => {
      const client = await registered(service())
      const answer = await choose(client, await authorize(client, 'a57.example.com'))
      assert.match(String(answer.body['validated']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      assert.ok(Math.abs(Date.parse(String(answer.body['validated'])) - service().services.clock()) < 10_000)
    })

    it('58. is proven by token and thumbprint of the account key, of which the server knows the thumbprint (8.1)', async () => {
      const client = await registered(service())
      for (const type of ['http-01', 'dns-01', 'tls-alpn-01']) {
        const name = `${type}.a58.example.com`
        const url = await authorize(client, name)
        const token = (await challengesOf(client, url)).get(type)?.token ?? ''
        assert.equal(Buffer.from(token, 'base64url').length, 32)
        await choose(client, url, type)
        const [proof] = looksAt(name)
        assert.equal(proof && 'keyAuthorization' in proof && proof.keyAuthorization, `${token}.${client.key.thumbprint}`)
      }
    })

    it('59. the key that counts is the one that signed the choice, whatever changes afterwards (8.1)', async () => {
      const client = await registered(service())
      const url = await authorize(client, 'a59.example.com')
      await changeKey(client)
      const chosenBy = client.key.thumbprint
      world.failing.set('a59.example.com', 'wrongValue')
      const answer = await choose(client, url, 'http-01')
      await changeKey(client)
      await client.post(String(answer.body['url']), {})
      assert.deepEqual(
        looksAt('a59.example.com').map((proof) => 'keyAuthorization' in proof && proof.keyAuthorization.split('.')[1]),
        [chosenBy, chosenBy],
      )
    })

    it('60. three looks, two and four seconds apart, until it is invalid; a repeated choice looks at once (8.2)', async () => {
      const client = await registered(service())
      world.failing.set('a60.example.com', 'wrongValue')
      const url = await authorize(client, 'a60.example.com')
      const { db, clock } = service().services
      const id = Number(url.split('/').at(-1))
      const dueIn = async () => {
        const row = await db.read.selectFrom('authorizations').select('run_at').where('id', '=', id).executeTakeFirstOrThrow()
        return row.run_at === null ? null : Math.round((row.run_at - clock()) / 1000)
      }
      const first = await choose(client, url, 'http-01')
      assert.deepEqual([first.body['status'], await dueIn()], ['processing', 2])
      const second = await client.post(String(first.body['url']), {})
      assert.deepEqual([second.body['status'], second.headers.get('retry-after'), await dueIn()], ['processing', '1', 4])
      await later(world, [client], 4_500, async () => {
        await until('the third look', async () => ((await client.post(url)).body['status'] === 'invalid' ? true : undefined))
      })
      const error = (await challengesOf(client, url)).get('http-01')?.error
      assert.equal(error?.type, 'urn:ietf:params:acme:error:incorrectResponse')
      assert.equal(looksAt('a60.example.com').length, 3)
      assert.equal(await dueIn(), null)
    })

    it('63. a proof counts for orders of the tenant alone, and for a wildcard only by the DNS (7.1.6, BR 4.2.1)', async () => {
      const client = await registered(service())
      const sibling = await registered(service())
      const tenant = await createTenantAccount(service(), 'of63')
      const made = await service().succeed(
        'CreateEabKey',
        { Name: 'x', 'Products.1': 'chancery-private-mix' },
        { ...extension, key: tenant.key },
      )
      await service().succeed('PurchasePackage', { ProductCode: 'chancery-private-mix', Count: '9' }, { ...extension, key: tenant.key })
      const stranger = await registered(service(), { kid: String(made['KeyId']), mac: Buffer.from(String(made['MacKey']), 'base64url') })

      const first = await placeOrder(client, ['a63.example.com'])
      await prove(client, first, 'http-01')
      assert.equal((await placeOrder(stranger, ['a63.example.com'])).status, 'pending')
      // Another ACME account of the tenant gets an authorization of its own that is valid already.
      const taken = await placeOrder(sibling, ['a63.example.com'])
      assert.equal(taken.status, 'ready')
      assert.notDeepEqual(taken.authorizations, first.authorizations)
      const [copy = ''] = taken.authorizations
      assert.equal((await sibling.post(copy)).body['status'], 'valid')
      assert.equal((await client.post(copy)).status, 404)
      assert.equal((await placeOrder(client, ['*.a63.example.com'])).status, 'pending')
      assert.equal((await placeOrder(client, ['www.a63.example.com'])).status, 'pending')

      await prove(client, await placeOrder(client, ['b63.example.com']), 'dns-01')
      assert.equal((await placeOrder(client, ['*.b63.example.com'])).status, 'ready')
      await prove(client, await placeOrder(client, ['*.c63.example.com']))
      assert.equal((await placeOrder(client, ['c63.example.com'])).status, 'ready')
      assert.equal((await placeOrder(client, ['x.c63.example.com'])).status, 'pending')

      // What was given up counts no more.
      await client.post(first.authorizations[0] ?? '', { status: 'deactivated' })
      assert.equal((await placeOrder(await registered(service()), ['d63.example.com'])).status, 'pending')
    })

    it('64. deactivation is 200, and orders that need the authorization are invalid (7.5.2)', async () => {
      const client = await registered(service())
      const order = await placeOrder(client, ['a64.example.com', 'b64.example.com'])
      await prove(client, order)
      const sharing = await placeOrder(client, ['a64.example.com'])
      assert.equal(sharing.status, 'ready')
      const ended = await client.post(sharing.authorizations[0] ?? '', { status: 'deactivated' })
      assert.deepEqual([ended.status, ended.body['status']], [200, 'deactivated'])
      for (const { url } of [order, sharing]) assert.equal((await client.post(url)).body['status'], 'invalid')
      assert.equal((await client.post(sharing.authorizations[0] ?? '', { status: 'deactivated' })).status, 200)
      for (const payload of [{}, { status: 'valid' }, { status: 'revoked' }, { status: 7 }]) {
        assert.equal((await client.post(order.authorizations[1] ?? '', payload)).error, 'malformed')
      }
      assert.equal((await placeOrder(client, ['a64.example.com'])).status, 'pending')
    })

    it('65. a wildcard is proven by the DNS alone (BR 3.2.2.4.19)', async () => {
      const client = await registered(service())
      const url = await authorize(client, '*.a65.example.com')
      const challenges = await challengesOf(client, url)
      assert.deepEqual([...challenges.keys()], ['dns-01'])
      const dns = challenges.get('dns-01')?.url ?? ''
      for (const type of ['http-01', 'tls-alpn-01', 'dns-account-01', 'x']) {
        assert.equal((await client.post(dns.replace('dns-01', type), {})).status, 404)
      }
      assert.equal((await client.post(dns, {})).body['status'], 'valid')
      assert.deepEqual(
        looksAt('a65.example.com').map(({ method }) => method),
        ['dns-01'],
      )
    })
  },
  { ports: world.ports },
)

describeService(
  'proofs that grow old',
  (service: () => TestService) => {
    it('63. a proof has to count still when the certificate is issued (BR 4.2.1)', async () => {
      const client = await registered(service(), await createExternalAccount(service()))
      const first = await placeOrder(client, ['old.example.com'])
      await prove(client, first)
      const order = await later(world, [client], 9.5 * dayMs, () => placeOrder(client, ['old.example.com']))
      assert.equal(order.status, 'ready')
      await later(world, [client], 10 * dayMs + 60_000, async () => {
        const answer = await client.post(order.finalize, { csr: encode(Buffer.alloc(40)) })
        assert.deepEqual([answer.status, answer.error], [403, 'orderNotReady'], answer.text)
        assert.equal((await client.post(order.url)).body['status'], 'invalid')
        assert.equal((await placeOrder(client, ['old.example.com'])).status, 'pending')
      })
    })
  },
  { ports: world.ports, env: { CHANCERY_PROOF_REUSE_DAYS: '10' } },
)
