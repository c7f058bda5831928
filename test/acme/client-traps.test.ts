import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { it } from 'node:test'
import { describeService } from '../support/service.ts'
import { type AcmeAnswer, AcmeClient, bind, encode, makeKey, signJws } from './acme-client.ts'
import { csrFor, identifiersOf, makeWorld, obtain, placeOrder, prove, registered } from './acme-orders.ts'
import { createExternalAccount } from './external-accounts.ts'

const world = makeWorld()

/** What each answer must have, whatever it is about: clients in use stumble over any of it. */
function assertBearable({ headers, text, body, status }: AcmeAnswer, base: string): void {
  assert.match(headers.get('replay-nonce') ?? '', /^[A-Za-z0-9_-]{40,}$/, text)
  assert.equal(headers.get('cache-control'), 'no-store')
  // Patterns of clients want quotes around what a link is.
  const links = (headers.get('link') ?? '').split(', ')
  for (const link of links) assert.match(link, /^<[^<>]+>;rel="[a-z-]+"$/)
  assert.ok(links.includes(`<${base}/acme/directory>;rel="index"`), links.join())
  const retryAfter = headers.get('retry-after')
  if (retryAfter !== null) assert.ok(/^[1-9][0-9]*$/.test(retryAfter) && Number(retryAfter) <= 600, retryAfter)
  const type = headers.get('content-type')
  if (text.startsWith('{')) assert.equal(type, status < 400 ? 'application/json' : 'application/problem+json')
  // On one line, and without spaces between members.
  if (text.startsWith('{')) assert.equal(text, JSON.stringify(body))
  assert.notEqual(status, 409, text)
}

describeService(
  'what clients in use stumble over',
  (service) => {
    it('17., 23. and 47. each answer has nonce, index and the status that clients wait for (6.5, 7.1, 7.4)', async () => {
      const base = service().addresses.http ?? assert.fail()
      const client = await AcmeClient.open(base)
      const external = await createExternalAccount(service())
      const nonces = new Set<string>()
      const see = (answer: AcmeAnswer, status: number): AcmeAnswer => {
        assert.equal(answer.status, status, answer.text)
        assertBearable(answer, base)
        nonces.add(answer.headers.get('replay-nonce') ?? '')
        return answer
      }
      const newAccount = client.url('newAccount')
      const made = see(
        await client.post(newAccount, { termsOfServiceAgreed: true, externalAccountBinding: bind(external, client.key, newAccount) }),
        201,
      )
      see(await client.post(newAccount, { onlyReturnExisting: true }), 200)
      client.kid = made.headers.get('location') ?? assert.fail('no Location')
      see(await client.post(client.kid), 200)
      see(await client.post(client.kid, { contact: ['mailto:a@example.com'] }), 200)
      see(await client.post(`${client.kid}/orders`), 200)

      const placed = see(await client.post(client.url('newOrder'), identifiersOf(['traps.example.com', '*.traps.example.com'])), 201)
      const order = placed.headers.get('location') ?? assert.fail('no Location')
      see(await client.post(order), 200)
      for (const url of placed.body['authorizations'] as string[]) {
        const open = see(await client.post(url), 200)
        assert.equal(open.text.match(/"value"/g)?.length, 1, 'some read the name by a pattern')
        assert.ok(!open.text.includes('*.') && !open.text.includes('"status":"invalid"') && !open.text.includes('error'))
        const challenges = open.body['challenges'] as { type: string; url: string }[]
        for (const challenge of challenges) assert.deepEqual(Object.keys(challenge), ['type', 'url', 'status', 'token'])
        const dns = challenges.find(({ type }) => type === 'dns-01')
        see(await client.post(dns?.url ?? ''), 200)
        see(await client.post(dns?.url ?? '', {}), 200)
        const done = see(await client.post(url), 200)
        assert.ok(!done.text.includes('"status":"invalid"'))
      }
      const csr = csrFor(['traps.example.com', '*.traps.example.com'])
      const finalized = see(await client.post(String(placed.body['finalize']), { csr }), 200)
      // Clients poll the Location of this answer, or store it as that of the order.
      assert.equal(finalized.headers.get('location'), order)
      const certificate = see(await client.post(String(finalized.body['certificate'])), 200)
      assert.match(certificate.text, /^-----BEGIN CERTIFICATE-----\n[^]*\n-----END CERTIFICATE-----\n$/)
      assert.ok(!certificate.text.includes('\r') && !certificate.text.includes('\n\n'))

      const key = makeKey()
      const url = client.url('keyChange')
      const inner = signJws(key, { alg: key.alg, jwk: key.jwk, url }, { account: client.kid, oldKey: client.key.jwk })
      see(await client.post(url, inner), 200)
      client.key = key
      const leaf = encode(new X509Certificate(certificate.text).raw)
      assert.equal(see(await client.post(client.url('revokeCert'), { certificate: leaf }), 200).text, '')
      see(await client.post(client.url('revokeCert'), { certificate: leaf }), 400)
      see(await client.post(order, '{}'), 400)
      see(await client.post(`${base}/acme/order/1`), 404)
      see(await client.post(`${base}/acme/nothing`), 404)
      see(await client.post(client.kid, { status: 'deactivated' }), 200)
      see(await client.post(client.kid), 401)
      assert.ok(nonces.size >= 25)
    })

    it('13. only the empty payload looks: "{}" is none, also where nothing else could be meant (6.3)', async () => {
      const client = await registered(service())
      const { order, url } = await obtain(client, ['look.example.com'])
      const looks = [order.url, url, `${url}/1`, `${client.kid}/orders`]
      for (const one of looks) {
        assert.equal((await client.post(one)).status, 200, one)
        for (const payload of ['{}', 'null', '""', ' ']) {
          const answer = await client.post(one, payload)
          assert.deepEqual([answer.status, answer.error], [400, 'malformed'], `${one} ${payload}`)
        }
      }
      assert.equal((await client.post(order.authorizations[0] ?? '', {})).error, 'malformed')
      for (const name of ['newOrder', 'keyChange', 'revokeCert']) {
        assert.equal((await client.post(client.url(name))).error, 'malformed', name)
      }
    })

    it('33. orders, authorizations and certificates live on under another key (7.3.5)', async () => {
      const client = await registered(service())
      const { url, pem } = await obtain(client, ['before33.example.com'])
      const open = await placeOrder(client, ['open33.example.com'])
      const key = makeKey()
      const keyChange = client.url('keyChange')
      const inner = signJws(key, { alg: key.alg, jwk: key.jwk, url: keyChange }, { account: client.kid, oldKey: client.key.jwk })
      assert.equal((await client.post(keyChange, inner)).status, 200)
      client.key = key
      assert.equal((await client.post(url)).text, pem)
      await prove(client, open)
      const done = await client.post(open.finalize, { csr: csrFor(['open33.example.com']) })
      assert.equal(done.body['status'], 'valid', done.text)
      assert.equal((await placeOrder(client, ['before33.example.com'])).status, 'ready')
    })

    it('35. certificates of an account that is over stay valid, and so do its proofs (7.3.6)', async () => {
      const external = await createExternalAccount(service(), { AccountLimit: '1' })
      const client = await registered(service(), external)
      const { pem } = await obtain(client, ['stays35.example.com'])
      assert.equal((await client.post(client.kid ?? '', { status: 'deactivated' })).status, 200)
      const { db } = service().services
      const serial = new X509Certificate(pem).serialNumber.toLowerCase()
      const row = await db.read.selectFrom('certificates').select('revoked_at').where('serial', '=', serial).executeTakeFirstOrThrow()
      assert.equal(row.revoked_at, null)
      // The place at the external account key is free, and the tenant's proof counts.
      const next = await registered(service(), external)
      assert.equal((await placeOrder(next, ['stays35.example.com'])).status, 'ready')
    })
  },
  { ports: world.ports },
)
