import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe } from 'node:test'
import { type DnsServer, startDnsServer } from '../../demo/dns-server.ts'
import { itOnEngine, type TestData } from '../support/service.ts'
import { spawnService } from '../support/service-process.ts'
import { callSigned, extension } from '../support/signed-call.ts'
import { AcmeClient, type ExternalAccount, makeKey, signJws } from './acme-client.ts'
import { challengesOf, csrFor, placeOrder } from './acme-orders.ts'

/** Two processes on one database, and the DNS that both ask. */
interface Pair {
  readonly bases: readonly [string, string]
  readonly dns: DnsServer
  readonly external: ExternalAccount
}

async function withPair(data: TestData, use: (pair: Pair) => Promise<void>): Promise<void> {
  const dns = await startDnsServer()
  const env = { CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}` }
  const one = await spawnService(data, env)
  const two = await spawnService(data, env)
  try {
    const made = await callSigned(one.endpoint, 'CreateEabKey', { Name: 'x', 'Products.1': 'chancery-private-mix' }, extension)
    assert.equal(made.status, 200, made.text)
    const external = { kid: String(made.body['KeyId']), mac: Buffer.from(String(made.body['MacKey']), 'base64url') }
    await use({ bases: [one.endpoint, two.endpoint], dns, external })
  } finally {
    await Promise.all([one.end(), two.end()])
    await dns.close()
  }
}

/** A client of each process that signs for one account. */
async function twins({ bases: [here, there], external }: Pair): Promise<readonly [AcmeClient, AcmeClient]> {
  const first = await AcmeClient.open(here)
  const made = await first.register(external)
  assert.equal(made.status, 201, made.text)
  const second = await AcmeClient.open(there, first.key)
  second.kid = first.kid?.replace(here, there)
  return [first, second]
}

describe('two processes of the ACME door on one database', () => {
  itOnEngine('postgres', '21., 34. and 48. of what is tried at both at a time one wins (6.5, 7.3.5, 7.4)', async (data) => {
    await withPair(data, async (pair) => {
      const [here, there] = pair.bases
      const both = await twins(pair)
      const [one, two] = both

      for (let round = 0; round < 5; round += 1) {
        const nonce = await one.nonce()
        const answers = await Promise.all(
          Array.from({ length: 8 }, (_, at) => {
            const client = both[at % 2] ?? one
            return client.post(client.kid ?? '', undefined, { header: { nonce } })
          }),
        )
        assert.deepEqual(answers.map(({ error }) => error ?? 'served').toSorted(), [...Array<string>(7).fill('badNonce'), 'served'])
      }

      // Two keys for one account.
      const change = (client: AcmeClient, key = makeKey()) => {
        const url = client.url('keyChange')
        const inner = signJws(key, { alg: key.alg, jwk: key.jwk, url }, { account: client.kid, oldKey: client.key.jwk })
        return client.post(url, inner).then((answer) => ({ answer, key }))
      }
      const changes = await Promise.all(both.map((client) => change(client)))
      const [won, ...more] = changes.filter(({ answer }) => answer.status === 200)
      assert.ok(won !== undefined && more.length === 0, changes.map(({ answer }) => answer.text).join())
      for (const { answer } of changes) assert.ok(answer.status < 500, answer.text)
      for (const client of both) client.key = won.key
      for (const client of both) assert.equal((await client.post(client.kid ?? '')).status, 200)
      // One key for two accounts.
      const other = await AcmeClient.open(there)
      await other.register(pair.external)
      const wanted = makeKey()
      const taken = await Promise.all([change(one, wanted), change(other, wanted)])
      assert.deepEqual(
        taken.map(({ answer }) => answer.status).toSorted((a, b) => a - b),
        [200, 409],
      )
      if (taken[0]?.answer.status === 200) for (const client of both) client.key = wanted

      // One order, finalized at both.
      const order = await placeOrder(one, ['two.example.com'])
      const challenge = (await challengesOf(one, order.authorizations[0] ?? '')).get('dns-01') ?? assert.fail()
      const value = createHash('sha256').update(`${challenge.token}.${one.key.thumbprint}`).digest('base64url')
      pair.dns.setTxt('_acme-challenge.two.example.com', [value])
      const proven = await two.post(challenge.url.replace(here, there), {})
      assert.equal(proven.body['status'], 'valid', proven.text)
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, at) => {
          const [client, url] = at % 2 === 0 ? [one, order.finalize] : [two, order.finalize.replace(here, there)]
          return client.post(url, { csr: csrFor(['two.example.com']) })
        }),
      )
      for (const { status, error, text } of answers) assert.ok(status === 200 || error === 'orderNotReady', text)
      const done = await one.post(order.url)
      assert.equal(done.body['status'], 'valid')
      const certificate = String(done.body['certificate'])
      const issued = answers.flatMap(({ body }) =>
        typeof body['certificate'] === 'string' ? [body['certificate'].replace(there, here)] : [],
      )
      assert.ok(issued.length > 0)
      assert.deepEqual(new Set(issued), new Set([certificate]))
      const [pem, same] = [await one.post(certificate), await two.post(certificate.replace(here, there))]
      assert.equal(pem.text, same.text)
      const listed = await callSigned(here, 'ListUserCertificateOrder', { OrderType: 'CERT', ShowSize: '50' })
      assert.equal(listed.body['TotalCount'], 1, listed.text)
    })
  })
})
