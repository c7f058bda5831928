import assert from 'node:assert/strict'
import { type IncomingMessage, request } from 'node:http'
import { text as readText } from 'node:stream/consumers'
import { it } from 'node:test'
import { describeService } from '../support/service.ts'
import { type AcmeClient, encode, signJws } from './acme-client.ts'
import { challengesOf, choose, makeWorld, obtain, placeOrder, registered } from './acme-orders.ts'

const world = makeWorld()

/** What a client that is a shell script makes of an authorization: it reads the text with patterns, as acme.sh does. */
function readByPatterns(text: string, type: string) {
  const values = [...text.matchAll(/"value" *: *"([^"]*)"/g)].map(([, value = '']) => value)
  const [entry] = new RegExp(`[^{]*"type":"${type}"[^}]*`).exec(text) ?? []
  return {
    names: values.map((value) => (/"wildcard" *: *true/.test(text) ? `*.${value}` : value)),
    entry,
    token: /"token":"([^"]*)/.exec(entry ?? '')?.[1],
    url: /"url":"([^"]*)/.exec(entry ?? '')?.[1],
    isValid: text.includes('"status":"valid"'),
    isInvalid: text.includes('"status":"invalid"'),
  }
}

/** Sends what was signed and gives the header names as they are on the wire, which `fetch` does not show. */
async function sendRaw(client: AcmeClient, url: string, payload?: unknown): Promise<{ names: readonly string[]; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const { alg } = client.key
  const jws = signJws(client.key, { alg, nonce: await client.nonce(), url, kid: client.kid }, payload)
  const headers = { 'Content-Type': 'application/jose+json' }
  request(url, { method: 'POST', headers }, resolve).on('error', reject).end(JSON.stringify(jws))
  const response = await promise
  return { names: response.rawHeaders.filter((_, at) => at % 2 === 0), text: await readText(response) }
}

describeService(
  'what clients of the ACME door stumble over that are shell scripts',
  (service) => {
    it('badNonce has the one wording that scripts look for, and a nonce that serves', async () => {
      const client = await registered(service())
      const used = await client.nonce()
      client.nonces.push(used)
      await client.post(client.kid ?? '')
      for (const nonce of [used, encode('never made'), undefined]) {
        client.nonces = []
        const refused = await client.post(client.kid ?? '', undefined, { header: { nonce } })
        assert.deepEqual([refused.status, refused.error], [400, 'badNonce'])
        assert.match(refused.text, /JWS has an invalid anti-replay nonce/)
        const fresh = refused.headers.get('replay-nonce')
        assert.equal((await client.post(client.kid ?? '', undefined, { header: { nonce: fresh } })).status, 200)
      }
    })

    it('an authorization can be read with patterns, also of a wildcard, while it is pending, looked at and valid', async () => {
      const client = await registered(service())
      const names = ['*.patterns.example.com', 'patterns.example.com']
      world.failing.set('patterns.example.com', 'wrongValue')
      const order = await placeOrder(client, names)
      const seen: string[] = []
      for (const url of order.authorizations) {
        const { text } = await client.post(url)
        const challenge = (await challengesOf(client, url)).get('dns-01')
        const read = readByPatterns(text, 'dns-01')
        assert.deepEqual([read.token, read.url], [challenge?.token, challenge?.url])
        assert.deepEqual(JSON.parse(`{${read.entry}}`), challenge, 'the challenge is flat')
        assert.deepEqual([read.names.length, read.isValid, read.isInvalid], [1, false, false])
        seen.push(...read.names)
      }
      assert.deepEqual(seen.toSorted(), names)

      const [plain = ''] = order.authorizations.filter((_, at) => seen[at] === 'patterns.example.com')
      assert.equal((await choose(client, plain, 'dns-01')).body['status'], 'processing', 'it is looked at again')
      const lookedAt = await client.post(plain)
      const states = [...lookedAt.text.matchAll(/"status":"([a-z]+)"/g)].map(([, status = '']) => status)
      assert.deepEqual(states, ['pending', 'processing'])
      assert.ok(readByPatterns(lookedAt.text, 'dns-01').token !== undefined)

      const [wildcard = ''] = order.authorizations.filter((url) => url !== plain)
      world.failing.delete('patterns.example.com')
      await choose(client, wildcard, 'dns-01')
      const valid = readByPatterns((await client.post(wildcard)).text, 'dns-01')
      assert.deepEqual([valid.names, valid.isValid, valid.isInvalid], [['*.patterns.example.com'], true, false])
    })

    it('a challenge names its state once, and its error is told by patterns', async () => {
      const client = await registered(service())
      const order = await placeOrder(client, ['fails.example.com'])
      const [url = ''] = order.authorizations
      world.failing.set('fails.example.com', 'wrongValue')
      let { text } = await choose(client, url, 'http-01')
      const { url: challenge = '' } = readByPatterns((await client.post(url)).text, 'http-01')
      for (let looks = 0; text.includes('"status":"processing"') && looks < 5; looks += 1) ({ text } = await client.post(challenge, {}))
      assert.deepEqual(
        [...text.matchAll(/"status":"([^"]*)/g)].map(([, status]) => status),
        ['invalid'],
      )
      const [error = ''] = /"error":\{[^}]*/.exec(text) ?? []
      assert.match(/"detail": *"([^"]*)/.exec(error)?.[1] ?? '', /wrongValue/)
    })

    it('bodies are JSON on one line, and say so', async () => {
      const client = await registered(service())
      const order = await placeOrder(client, ['types.example.com'])
      const [authorization = ''] = order.authorizations
      const objects = [client.kid ?? '', order.url, authorization, `${client.kid}/orders`]
      for (const url of [...objects, `${service().addresses.http}/acme/order/4711`]) {
        const answer = await client.post(url)
        assert.equal(answer.headers.get('content-type'), answer.status === 200 ? 'application/json' : 'application/problem+json')
        assert.equal(answer.text, JSON.stringify(answer.body))
        assert.match(answer.headers.get('replay-nonce') ?? '', /^[A-Za-z0-9_-]{22,}$/)
      }
      const directory = await fetch(`${service().addresses.http}/acme/directory`)
      assert.equal(directory.headers.get('content-type'), 'application/json')
    })

    it('headers are spelled and quoted as scripts look for them', async () => {
      const client = await registered(service())
      const { order, url } = await obtain(client, ['headers.example.com'])
      const { names } = await sendRaw(client, client.url('newOrder'), { identifiers: [{ type: 'dns', value: 'raw.example.com' }] })
      for (const name of ['Location', 'Replay-Nonce', 'Retry-After', 'Link', 'Content-Type']) assert.ok(names.includes(name), name)
      const certificate = await sendRaw(client, url)
      // One line each: patterns take what is behind the last "Link:".
      assert.equal(certificate.names.filter((name) => name === 'Link').length, 2)
      const [challenge] = (await challengesOf(client, order.authorizations[0] ?? '')).values()
      for (const one of [url, order.url, challenge?.url ?? '', `${client.kid}/orders`]) {
        const link = (await client.post(one)).headers.get('link') ?? ''
        assert.match(link, /^<[^>]+>;rel="[a-z-]+"(?:, <[^>]+>;rel="[a-z-]+")*$/)
        assert.match(link, /\/acme\/directory>;rel="index"/)
      }
      assert.match((await client.post(url)).headers.get('link') ?? '', /<([^>]+)>;rel="alternate"/)
    })

    it('a wait is told in digits, and is one that clients bear', async () => {
      const client = await registered(service())
      world.failing.set('wait.example.com', 'nxdomain')
      const order = await placeOrder(client, ['wait.example.com'])
      const chosen = await choose(client, order.authorizations[0] ?? '', 'dns-01')
      for (const { headers } of [order.answer, chosen, await client.post(order.url), await client.post(order.authorizations[0] ?? '')]) {
        const seconds = headers.get('retry-after') ?? ''
        assert.match(seconds, /^[0-9]+$/)
        assert.ok(Number(seconds) >= 1 && Number(seconds) <= 600, seconds)
      }
    })
  },
  { only: 'sqlite', ports: world.ports },
)
