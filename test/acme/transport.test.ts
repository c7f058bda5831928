import assert from 'node:assert/strict'
import { get } from 'node:http'
import { text as readText } from 'node:stream/consumers'
import { it } from 'node:test'
import { describeService, type TestService } from '../support/service.ts'
import { AcmeClient, encode, makeKey, signJws } from './acme-client.ts'

const env = { CHANCERY_ACME_EAB: 'optional', CHANCERY_ACME_DEFAULT_ACCOUNT: '1234567890123456' }
const base = ({ addresses }: TestService) => addresses.http ?? assert.fail()
const open = (service: TestService) => AcmeClient.open(base(service))

/** `fetch` sets the header itself. */
async function getWithHost(url: string, Host: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  get(url, { headers: { Host } }, (response) => void readText(response).then(resolve, reject)).on('error', reject)
  return await promise
}

describeService(
  'the JWS of the ACME door',
  (service) => {
    /** Posts to newAccount what finds no account: the form alone is at stake. */
    const look = { onlyReturnExisting: true }

    it('1. answers may be read by scripts of any origin (6.1)', async () => {
      const { headers } = await service().get('/acme/directory')
      assert.equal(headers.get('access-control-allow-origin'), '*')
      for (const name of ['Location', 'Link', 'Replay-Nonce', 'Retry-After'])
        assert.match(headers.get('access-control-expose-headers') ?? '', new RegExp(name))
      const preflight = await fetch(`${base(service())}/acme/new-order`, { method: 'OPTIONS' })
      assert.equal(preflight.status, 204)
      assert.equal(preflight.headers.get('access-control-allow-methods'), 'POST, OPTIONS')
      assert.equal(preflight.headers.get('access-control-allow-headers'), 'Content-Type')
    })

    it('2. base64url with "=" or odd characters is malformed (6.1)', async () => {
      const client = await open(service())
      for (const member of ['protected', 'payload', 'signature']) {
        for (const tail of ['=', '==', '+', '/', '\n', 'A'.repeat(5)]) {
          const answer = await client.post(client.url('newAccount'), look, {
            tamper: (jws) => ({ ...jws, [member]: tail === 'A'.repeat(5) ? 'AAAAB' : `${String(jws[member])}${tail}` }),
          })
          assert.deepEqual([answer.status, answer.error], [400, 'malformed'], `${member} ${tail}: ${answer.text}`)
        }
      }
    })

    it('3. a POST without application/jose+json gets 415 (6.2)', async () => {
      const client = await open(service())
      for (const contentType of ['application/json', 'text/plain', 'application/jose+json2']) {
        const answer = await client.post(client.url('newAccount'), look, { contentType })
        assert.deepEqual([answer.status, answer.error], [415, 'malformed'])
      }
      const answer = await client.post(client.url('newAccount'), look, { contentType: 'application/jose+json; charset=utf-8' })
      assert.equal(answer.error, 'accountDoesNotExist')
    })

    it('4. the body is a flattened JWS and nothing else (6.2)', async () => {
      const client = await open(service())
      const url = client.url('newAccount')
      const bad: ((jws: Record<string, unknown>) => unknown)[] = [
        (jws) => ({ ...jws, signatures: [] }),
        (jws) => ({ ...jws, header: { alg: 'ES256' } }),
        ({ payload: _payload, ...jws }) => jws,
        ({ signature: _signature, ...jws }) => jws,
        ({ protected: _header, ...jws }) => jws,
        (jws) => [jws],
        (jws) => `${String(jws['protected'])}.${String(jws['payload'])}.${String(jws['signature'])}`,
      ]
      for (const tamper of bad) assert.equal((await client.post(url, look, { tamper })).error, 'malformed')
      for (const header of [{ b64: false, crit: ['b64'] }, { crit: ['exp'], exp: 1 }, { b64: true }]) {
        assert.equal((await client.post(url, look, { header })).error, 'malformed')
      }
    })

    it('5. exactly one of jwk and kid, and alg, nonce and url, are in the header (6.2)', async () => {
      const client = await open(service())
      const url = client.url('newAccount')
      const changes: [object, string][] = [
        [{ kid: `${base(service())}/acme/account/1` }, 'malformed'],
        [{ jwk: undefined }, 'malformed'],
        [{ url: undefined }, 'malformed'],
        [{ url: 7 }, 'malformed'],
        [{ alg: undefined }, 'badSignatureAlgorithm'],
      ]
      for (const [header, error] of changes) assert.equal((await client.post(url, look, { header })).error, error, JSON.stringify(header))
    })

    it('6. jwk is for newAccount and revokeCert, kid for the others (6.2)', async () => {
      const client = await open(service())
      for (const name of ['newOrder', 'keyChange']) assert.equal((await client.post(client.url(name), {})).error, 'malformed')
      client.kid = `${base(service())}/acme/account/1`
      assert.equal((await client.post(client.url('newAccount'), look)).error, 'malformed')
    })

    it('7. none, MACs and unknown algorithms are refused with a list of those that are served (6.2)', async () => {
      const client = await open(service())
      for (const alg of ['none', 'HS256', 'PS256', 'RS1', 'es256', 7, '']) {
        const answer = await client.post(client.url('newAccount'), look, { header: { alg } })
        assert.deepEqual([answer.status, answer.error], [400, 'badSignatureAlgorithm'])
        assert.deepEqual(answer.body['algorithms'], ['ES256', 'ES384', 'ES512', 'RS256', 'EdDSA'])
      }
    })

    it('8. ES256, ES384, ES512, RS256 and EdDSA are served, each with its kind of key alone (6.2)', async () => {
      for (const alg of ['ES256', 'ES384', 'ES512', 'RS256', 'EdDSA'] as const) {
        const client = await AcmeClient.open(base(service()), makeKey(alg))
        assert.equal((await client.post(client.url('newAccount'), look)).error, 'accountDoesNotExist', alg)
        const other = alg === 'ES256' ? 'ES384' : 'ES256'
        assert.equal((await client.post(client.url('newAccount'), look, { header: { alg: other } })).error, 'badSignatureAlgorithm')
      }
    })

    it('9. keys that are too weak, off the curve or in another spelling are badPublicKey (6.2)', async () => {
      const client = await AcmeClient.open(base(service()), makeKey('RS256', 1024))
      assert.deepEqual((await client.post(client.url('newAccount'), look)).error, 'badPublicKey')
      const { jwk } = makeKey()
      const rsa = makeKey('RS256').jwk
      const bad = [
        { ...jwk, y: jwk['x'] },
        { ...jwk, x: encode(Buffer.concat([Buffer.alloc(1), Buffer.from(jwk['x'] ?? '', 'base64url')])) },
        { ...jwk, crv: 'secp256k1' },
        { ...jwk, d: jwk['x'] },
        { ...rsa, n: encode(Buffer.concat([Buffer.alloc(1), Buffer.from(rsa['n'] ?? '', 'base64url')])) },
        { ...rsa, e: 'AQ' },
        { ...rsa, e: 'AQAA' },
        { kty: 'oct', k: 'AAAA' },
        { kty: 'OKP', crv: 'X25519', x: jwk['x'] },
        7,
        'a text',
        [],
      ]
      for (const one of bad) {
        const answer = await client.post(client.url('newAccount'), look, { header: { alg: 'ES256', jwk: one } })
        assert.deepEqual([answer.status, answer.error], [400, 'badPublicKey'], JSON.stringify(one))
      }
    })

    it('10. a wrong signature is malformed, and its nonce used up (6.2)', async () => {
      const client = await open(service())
      const url = client.url('newAccount')
      const nonce = await client.nonce()
      const jws = signJws(makeKey(), { alg: 'ES256', nonce, url, jwk: client.key.jwk }, look)
      assert.equal((await client.send(url, JSON.stringify(jws))).error, 'malformed')
      assert.equal((await client.post(url, look, { header: { nonce } })).error, 'badNonce')
    })

    it('11. an unknown kid, also of another server, is accountDoesNotExist (6.2)', async () => {
      const client = await open(service())
      for (const kid of [
        `${base(service())}/acme/account/999`,
        'https://elsewhere.example/acme/account/1',
        `${base(service())}/acme/account/01`,
        'x',
      ]) {
        const answer = await client.post(client.url('newOrder'), {}, { header: { jwk: undefined, kid } })
        assert.deepEqual([answer.status, answer.error], [400, 'accountDoesNotExist'], kid)
      }
    })

    it('12. GET is for directory, newNonce and renewalInfo alone (6.3)', async () => {
      for (const path of [
        'new-account',
        'new-order',
        'order/1',
        'authorization/1',
        'challenge/1/http-01',
        'certificate/1',
        'revoke-cert',
        'account/1',
      ]) {
        const response = await service().get(`/acme/${path}`)
        assert.equal(response.status, 405, path)
        assert.equal(response.headers.get('allow'), 'POST, OPTIONS')
        assert.equal(((await response.json()) as { type: string }).type, 'urn:ietf:params:acme:error:malformed')
      }
      assert.equal((await service().get('/acme/nothing')).status, 404)
      assert.equal((await service().get('/acme/directory')).status, 200)
    })

    it('15. the url that was signed is that of the request, byte for byte (6.4)', async () => {
      const client = await open(service())
      const url = client.url('newAccount')
      for (const other of [`${url}/`, `${url}?`, url.replace('127.0.0.1', 'localhost'), url.replace('http', 'https'), url.toUpperCase()]) {
        const answer = await client.post(url, look, { header: { url: other } })
        assert.deepEqual([answer.status, answer.error], [403, 'unauthorized'], other)
      }
      // A Host header of somebody else makes no URL.
      for (const Host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'localhost@evil.example', '127.0.0.1:80/x']) {
        const text = await getWithHost(`${base(service())}/acme/directory`, Host)
        assert.ok(!text.includes('evil') && !text.includes('/x'), text)
      }
    })

    it('80. too large, too deep, ambiguous or no UTF-8: refused, never 500 (6.2)', async () => {
      const client = await open(service())
      const url = client.url('newAccount')
      const large = await client.send(url, 'x'.repeat(70_000))
      assert.deepEqual([large.status, large.error], [413, 'malformed'])
      for (const body of [
        '',
        '{',
        'null',
        '7',
        '"x"',
        '[]',
        '['.repeat(30_000),
        '{"a":'.repeat(9) + '1' + '}'.repeat(9),
        '{"protected":"","protected":""}',
        '{"a":1,"\\u0061":2}',
      ]) {
        assert.deepEqual([(await client.send(url, body)).error], ['malformed'], body.slice(0, 40))
      }
      assert.equal((await client.send(url, Buffer.from([0x7b, 0xff, 0x7d]))).error, 'malformed')
      for (const payload of ['{"onlyReturnExisting":true,"onlyReturnExisting":false}', 'null', '[]', '{"__proto__":{}']) {
        assert.equal((await client.post(url, payload)).error, 'malformed', payload)
      }
      assert.equal((await client.post(url, '{"a":"\\\\","b":{"a":[{"a":1}]},"onlyReturnExisting":true}')).error, 'accountDoesNotExist')
    })
  },
  { env },
)

describeService('nonces of the ACME door', (service) => {
  const look = { onlyReturnExisting: true }

  it('16. newNonce: HEAD 200, GET 204, not stored, with the index (7.2)', async () => {
    const url = `${base(service())}/acme/new-nonce`
    for (const [method, status] of [
      ['HEAD', 200],
      ['GET', 204],
    ] as const) {
      const { status: got, headers } = await fetch(url, { method })
      assert.equal(got, status)
      assert.match(headers.get('replay-nonce') ?? '', /^[A-Za-z0-9_-]{40,}$/)
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.equal(headers.get('link'), `<${base(service())}/acme/directory>;rel="index"`)
    }
  })

  it('17. and 18. a nonce is accepted once; whatever is wrong with one, a usable one comes back (6.5)', async () => {
    const client = await open(service())
    const url = client.url('newAccount')
    const nonce = await client.nonce()
    assert.equal((await client.post(url, look, { header: { nonce } })).error, 'accountDoesNotExist')
    const flipped = `${nonce.slice(0, 5)}${nonce[5] === 'A' ? 'B' : 'A'}${nonce.slice(6)}`
    for (const bad of [nonce, flipped, 'AAAA', nonce.slice(0, -4), `${nonce}AAAA`, encode('x'.repeat(42))]) {
      const answer = await client.post(url, look, { header: { nonce: bad } })
      assert.deepEqual([answer.status, answer.error, answer.body['detail']], [400, 'badNonce', 'JWS has an invalid anti-replay nonce'])
      const fresh = answer.headers.get('replay-nonce') ?? assert.fail()
      client.nonces = []
      assert.equal((await client.post(url, look, { header: { nonce: fresh } })).error, 'accountDoesNotExist')
    }
  })

  it('19. a missing nonce is badNonce, one in another alphabet malformed (6.5)', async () => {
    const client = await open(service())
    assert.equal((await client.post(client.url('newAccount'), look, { header: { nonce: undefined } })).error, 'badNonce')
    for (const nonce of ['a b', 'AA==', '', 7, null]) {
      assert.equal((await client.post(client.url('newAccount'), look, { header: { nonce } })).error, 'malformed')
    }
  })

  it('21. of ten requests with one nonce one wins (6.5)', async () => {
    const client = await open(service())
    const nonce = await client.nonce()
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.post(client.url('newAccount'), look, { header: { nonce } })))
    assert.deepEqual(answers.map(({ error }) => String(error)).toSorted(), ['accountDoesNotExist', ...Array<string>(9).fill('badNonce')])
  })

  it('22., 23. and 24. the directory names what there is, everything else the directory (7.1.1)', async () => {
    const { directory } = await open(service())
    const address = base(service())
    const { meta, newNonce, newAccount, newOrder, revokeCert, keyChange, renewalInfo, ...rest } = directory
    assert.deepEqual(
      [newNonce, newAccount, newOrder, revokeCert, keyChange, renewalInfo],
      ['new-nonce', 'new-account', 'new-order', 'revoke-cert', 'key-change', 'renewal-info'].map((name) => `${address}/acme/${name}`),
    )
    assert.equal(meta['externalAccountRequired'], true)
    assert.equal(typeof (meta['profiles'] as Record<string, string>)['chancery-private-mix'], 'string')
    assert.equal(Object.keys(rest).length, 1)
    assert.notDeepEqual(Object.keys((await open(service())).directory), Object.keys(directory))
    const missing = await service().get('/acme/order/7')
    assert.equal(missing.headers.get('link'), `<${address}/acme/directory>;rel="index"`)
  })

  it('76. and 77. problems are documents whose status is that of the answer (6.7)', async () => {
    const client = await open(service())
    const answer = await client.post(client.url('newAccount'), look)
    assert.equal(answer.headers.get('content-type'), 'application/problem+json')
    assert.deepEqual(answer.body, {
      type: 'urn:ietf:params:acme:error:accountDoesNotExist',
      detail: 'There is no account of this key or URL.',
      status: 400,
    })
  })
})
