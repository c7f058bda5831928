import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { DomainProof } from '../../src/validation/domain-control.ts'
import type { ProofAttempt } from '../../src/validation/proof.ts'
import { makeCsr } from '../orders/make-csr.ts'
import { describeService, type TestService } from '../support/service.ts'
import { AcmeClient, encode } from './acme-client.ts'
import { createExternalAccount } from './external-accounts.ts'

/** What the world shows: nothing for names that begin with `bad`. */
const seen: DomainProof[] = []
const world = {
  maxConcurrent: 8,
  check(proof: DomainProof): Promise<ProofAttempt> {
    seen.push(proof)
    const evidence = { method: proof.method, queries: [] }
    return Promise.resolve(
      proof.identifier.startsWith('bad')
        ? { proven: false, failure: 'wrongValue', message: 'The file holds something else.', evidence }
        : { proven: true, message: 'It is there.', evidence },
    )
  },
}

async function registered(service: TestService): Promise<AcmeClient> {
  const client = await AcmeClient.open(service.addresses.http ?? '')
  const answer = await client.register(await createExternalAccount(service))
  assert.equal(answer.status, 201, answer.text)
  return client
}

const dns = (...values: string[]) => ({ identifiers: values.map((value) => ({ type: 'dns', value })) })
const csrOf = (...names: string[]) => encode(Buffer.from(makeCsr(undefined, undefined, names).replace(/-----.*-----|\s/g, ''), 'base64'))

interface Challenge {
  readonly type: string
  readonly url: string
  readonly token: string
  readonly status: string
}

describeService(
  'an order at the ACME door, octet by octet',
  (service) => {
    it('37., 39., 40., 47., 51. to 57. and 67. from newOrder to the certificate in five requests (7.4)', async () => {
      const client = await registered(service())
      const base = service().addresses.http ?? ''
      const placed = await client.post(client.url('newOrder'), dns('wire.example.com'))
      assert.equal(placed.status, 201, placed.text)
      const order = placed.headers.get('location') ?? ''
      assert.match(order, new RegExp(`^${base}/acme/order/[0-9]+$`))
      const { authorizations, expires, ...rest } = placed.body as { authorizations: string[]; expires: string }
      assert.deepEqual(rest, {
        status: 'pending',
        ...dns('wire.example.com'),
        profile: 'chancery-private-mix',
        finalize: `${order}/finalize`,
      })
      assert.match(expires, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      assert.ok(!placed.text.includes('\n'))

      const [authorizationUrl = ''] = authorizations
      const shown = await client.post(authorizationUrl)
      const { challenges, ...authorization } = shown.body as { challenges: Challenge[]; expires: string }
      assert.deepEqual(authorization, {
        identifier: { type: 'dns', value: 'wire.example.com' },
        status: 'pending',
        expires: authorization.expires,
      })
      assert.deepEqual(
        challenges.map(({ type }) => type),
        ['http-01', 'dns-01', 'tls-alpn-01'],
      )
      for (const one of challenges) assert.deepEqual(Object.keys(one), ['type', 'url', 'status', 'token'])

      const [http] = challenges
      const looked = await client.post(http?.url ?? '')
      assert.deepEqual([looked.status, looked.body['status']], [200, 'pending'], 'POST-as-GET starts nothing')
      assert.equal((await client.post(http?.url ?? '', '{"a":1,"a":2}')).error, 'malformed')
      const started = await client.post(http?.url ?? '', { keyAuthorization: 'passed over' })
      assert.equal(started.status, 200, started.text)
      assert.match(started.headers.get('link') ?? '', new RegExp(`<${authorizationUrl}>;rel="up"`))
      assert.equal(started.body['status'], 'valid')
      assert.match(String(started.body['validated']), /^\d{4}-.*Z$/)
      const proof = seen.findLast(({ identifier }) => identifier === 'wire.example.com')
      assert.deepEqual(proof && 'keyAuthorization' in proof && proof.keyAuthorization, `${http?.token}.${client.key.thumbprint}`)
      const again = await client.post(http?.url ?? '', {})
      assert.deepEqual(again.body, started.body)
      const proven = await client.post(authorizationUrl)
      assert.deepEqual(
        (proven.body['challenges'] as Challenge[]).map(({ type }) => type),
        ['http-01'],
      )
      assert.ok(!proven.text.includes('invalid'))

      const csr = csrOf('wire.example.com')
      for (const bad of [undefined, 7, `${csr}=`, 'AAAA', csrOf('other.example.com')]) {
        const refused = await client.post(`${order}/finalize`, { csr: bad })
        assert.ok(refused.error === 'malformed' || refused.error === 'badCSR', refused.text)
      }
      const done = await client.post(`${order}/finalize`, { csr })
      assert.deepEqual([done.status, done.body['status'], done.headers.get('location')], [200, 'valid', order], done.text)
      assert.equal((await client.post(`${order}/finalize`, { csr })).error, 'orderNotReady')
      const certificate = await client.post(String(done.body['certificate']))
      assert.equal(certificate.status, 200)
      assert.equal(certificate.headers.get('content-type'), 'application/pem-certificate-chain')
      assert.match(certificate.text, /^-----BEGIN CERTIFICATE-----\n/)
      assert.match(certificate.headers.get('link') ?? '', /rel="alternate"/)
    })

    it('39. and 65. a wildcard: its authorization is for the name below, by the DNS alone (7.1.3)', async () => {
      const client = await registered(service())
      const placed = await client.post(client.url('newOrder'), dns('*.wild.example.com', 'wild.example.com'))
      const { authorizations } = placed.body as { authorizations: string[] }
      assert.equal(authorizations.length, 2)
      const shown = await Promise.all(authorizations.map((url) => client.post(url)))
      const wildcard = shown.find(({ body }) => body['wildcard'] === true) ?? assert.fail()
      assert.deepEqual(wildcard.body['identifier'], { type: 'dns', value: 'wild.example.com' })
      assert.deepEqual(
        (wildcard.body['challenges'] as Challenge[]).map(({ type }) => type),
        ['dns-01'],
      )
    })

    it('38. bad identifiers are told one by one (6.7.1)', async () => {
      const client = await registered(service())
      const answer = await client.post(client.url('newOrder'), dns('good.example.com', 'bad_name', '127.0.0.1x/'))
      assert.deepEqual([answer.status, answer.error], [400, 'compound'], answer.text)
      const subproblems = answer.body['subproblems'] as { type: string; detail: string; identifier: { value: string }; status?: number }[]
      assert.deepEqual(
        subproblems.map(({ identifier }) => identifier.value),
        ['bad_name', '127.0.0.1x/'],
      )
      for (const { type, status } of subproblems) {
        assert.match(type, /^urn:ietf:params:acme:error:/)
        assert.equal(status, undefined)
      }
    })

    it('42., 52. and 64. a failed or deactivated authorization ends its order, with the error of the challenge (7.1.6)', async () => {
      const client = await registered(service())
      const placed = await client.post(client.url('newOrder'), dns('bad.example.com'))
      const [url = ''] = (placed.body as { authorizations: string[] }).authorizations
      const shown = await client.post(url)
      const http = (shown.body['challenges'] as Challenge[]).find(({ type }) => type === 'http-01')
      const failed = await client.post(http?.url ?? '', {})
      assert.equal(failed.status, 200, failed.text)
      if (failed.body['status'] === 'processing') assert.equal(failed.headers.get('retry-after'), '1')
      else assert.match((failed.body['error'] as { type: string }).type, /^urn:ietf:params:acme:error:/)

      const other = await client.post(client.url('newOrder'), dns('given-up.example.com'))
      const [second = ''] = (other.body as { authorizations: string[] }).authorizations
      assert.equal((await client.post(second, { status: 'valid' })).error, 'malformed')
      const ended = await client.post(second, { status: 'deactivated' })
      assert.deepEqual([ended.status, ended.body['status']], [200, 'deactivated'])
      assert.equal((await client.post(other.headers.get('location') ?? '')).body['status'], 'invalid')
    })
  },
  { ports: () => ({ domainControl: world }) },
)
