import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { randomBytes } from 'node:crypto'
import { type DnsServer, startDnsServer } from '../../../demo/dns-server.ts'
import { createAddressGuard } from '../../../src/validation/net/address-guard.ts'
import { createDnsClient } from '../../../src/validation/net/dns-client.ts'
import { createGuardedJson } from '../../../src/validation/net/guarded-json.ts'
import { listIssuingSha1s } from '../../../src/validation/net/issuing-chain.ts'
import { createTestRoot, startIssuer, type TestIssuer } from '../../support/issuer.ts'

describe('fetching JSON', () => {
  let dns: DnsServer
  let issuer: TestIssuer
  let fetchJson: ReturnType<typeof createGuardedJson>

  before(async () => {
    dns = await startDnsServer()
    issuer = await startIssuer('issuer.example')
    dns.setAddresses('issuer.example', ['127.0.0.1'])
    const resolvers = [{ address: dns.address, port: dns.port }]
    fetchJson = createGuardedJson({
      client: createDnsClient({ resolvers, timeoutMs: 500, tries: 1, randomBytes }),
      guard: createAddressGuard({ contains: (address) => address === '127.0.0.1' }),
      extraRoots: [issuer.root.pem],
      timeoutMs: 500,
    })
  })
  after(async () => {
    await issuer.close()
    await dns.close()
  })

  const failure = async (url: string) => {
    const outcome = await fetchJson(new URL(url))
    return outcome.kind === 'failure' ? outcome.failure : `${outcome.kind} ${JSON.stringify(outcome.content)}`
  }

  it('gives the document, and the fingerprints of the certificates up to the root', async () => {
    const outcome = await fetchJson(new URL(`${issuer.url}/keys`))
    assert.equal(outcome.kind, 'json')
    if (outcome.kind !== 'json') return
    assert.deepEqual(outcome.content, { keys: [] })
    assert.equal(outcome.certificateSha1s.length, 2)
    assert.equal(outcome.certificateSha1s[1], issuer.root.sha1)
  })

  it('connects to an address that stands in the URL, if it is allowed and the certificate is for it', async () => {
    assert.equal(await failure(`https://127.0.0.1:${issuer.port}/keys`), 'json {"keys":[]}')
    assert.equal(await failure(`https://127.0.0.2:${issuer.port}/keys`), 'forbiddenAddress')
    assert.equal(await failure(`https://[::1]:${issuer.port}/keys`), 'forbiddenAddress')
    assert.equal(await failure(`https://2130706433:${issuer.port}/keys`), 'json {"keys":[]}')
  })

  it('refuses a name that leads to a forbidden address, also beside an allowed one', async () => {
    dns.setAddresses('mixed.example', ['127.0.0.1', '10.0.0.1'])
    dns.setAddresses('inside.example', ['169.254.169.254'])
    const before = issuer.asked.length
    assert.equal(await failure(`https://mixed.example:${issuer.port}/keys`), 'forbiddenAddress')
    assert.equal(await failure(`https://inside.example:${issuer.port}/keys`), 'forbiddenAddress')
    assert.equal(await failure(`https://missing.example:${issuer.port}/keys`), 'address')
    assert.equal(issuer.asked.length, before)
  })

  it('refuses a certificate that is for another name, and everything but https', async () => {
    dns.setAddresses('another.example', ['127.0.0.1'])
    assert.equal(await failure(`https://another.example:${issuer.port}/keys`), 'tls')
    assert.equal(await failure(`http://issuer.example:${issuer.port}/keys`), 'network')
  })

  it('ends after its time, and takes nothing that is cut off', async () => {
    issuer.answer = () => ({ status: 200, headers: { 'Content-Length': '100' }, body: '{"keys":' })
    assert.equal(await failure(`${issuer.url}/keys`), 'network')
    issuer.answer = () => 'silence'
    assert.equal(await failure(`${issuer.url}/keys`), 'timeout')
    issuer.answer = () => ({ status: 307, headers: { Location: `${issuer.url}/keys` }, body: '' })
    assert.equal(await failure(`${issuer.url}/x`), 'httpStatus')
    issuer.answer = undefined
  })
})

describe('the certificates above a server', () => {
  it('count only if they signed for it, whatever else the server sends along', async () => {
    const [root, unrelated, impostor] = [
      await createTestRoot('A root'),
      await createTestRoot('Another root'),
      await createTestRoot('A root'),
    ]
    const leaf = new X509Certificate((await root.issue(['issuer.example'])).cert)
    const sent = [leaf, ...[unrelated, impostor].map(({ pem }) => new X509Certificate(pem))]
    assert.deepEqual(listIssuingSha1s(sent, [root.pem, unrelated.pem]).slice(1), [root.sha1])
    assert.equal(listIssuingSha1s(sent, []).length, 1)
  })
})
