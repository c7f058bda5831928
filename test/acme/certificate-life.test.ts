import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { it } from 'node:test'
import { formatAriId } from '../../src/orders/acme/ari-id.ts'
import { parseCertificate } from '../../src/x509/certificate.ts'
import { assembleCertificationRequest, buildCertificationRequestInfo } from '../../src/x509/csr.ts'
import { oids } from '../../src/x509/oid.ts'
import { findExtension, readAuthorityKeyIdentifier } from '../../src/x509/read-extensions.ts'
import { proven } from '../orders/open-test-services.ts'
import { describeService } from '../support/service.ts'
import { generateTestKey, signWith, type TestKey } from '../x509/keys.ts'
import { type AcmeAnswer, AcmeClient, encode, keyFrom } from './acme-client.ts'
import { createExternalAccount } from './external-accounts.ts'

/** What the service's clock is ahead of the real one. */
const ahead = { ms: 0 }

interface AskedNames {
  readonly dnsNames: readonly string[]
  readonly ipAddresses?: readonly string[]
}

function csrFor(key: TestKey, names: AskedNames): string {
  const infoDer = buildCertificationRequestInfo({ subject: {}, spkiDer: key.spkiDer, ...names })
  return encode(assembleCertificationRequest(infoDer, key.algorithm, signWith(key, infoDer)))
}

/** Orders, proves and finalizes. */
async function order(client: AcmeClient, key: TestKey, names: AskedNames, members: object = {}): Promise<AcmeAnswer> {
  const identifiers = [
    ...names.dnsNames.map((value) => ({ type: 'dns', value })),
    ...(names.ipAddresses ?? []).map((value) => ({ type: 'ip', value })),
  ]
  const placed = await client.post(client.url('newOrder'), { identifiers, ...members })
  assert.equal(placed.status, 201, placed.text)
  for (const url of placed.body['authorizations'] as string[]) {
    const { body } = await client.post(url)
    if (body['status'] === 'valid') continue
    const [challenge] = body['challenges'] as { url: string }[]
    assert.equal((await client.post(challenge?.url ?? '', {})).status, 200)
  }
  return await client.post(String(placed.body['finalize']), { csr: csrFor(key, names) })
}

async function download(
  client: AcmeClient,
  key: TestKey,
  names: AskedNames,
  members: object = {},
): Promise<{ leaf: X509Certificate; answer: AcmeAnswer }> {
  const done = await order(client, key, names, members)
  assert.equal(done.body['status'], 'valid', done.text)
  const answer = await client.post(String(done.body['certificate']))
  return { leaf: new X509Certificate(answer.text), answer }
}

describeService(
  'the life of a certificate at the ACME door',
  (service) => {
    const open = async () => {
      const client = await AcmeClient.open(service().addresses.http ?? assert.fail())
      assert.equal((await client.register(await createExternalAccount(service()))).status, 201)
      return client
    }

    it('67., 68., 71., 74., 87. and 89. is ordered, downloaded, looked after and revoked, and its key is not taken again', async () => {
      const client = await open()
      const key = generateTestKey('P-256')
      const names = { dnsNames: ['life.example.com'] }
      const { leaf, answer } = await download(client, key, names)
      assert.equal(leaf.subjectAltName, 'DNS:life.example.com')
      assert.equal(answer.headers.get('content-type'), 'application/pem-certificate-chain')
      assert.equal(answer.text.match(/BEGIN/g)?.length, 2)
      const alternate = /<([^>]+)>;rel="alternate"/.exec(answer.headers.get('link') ?? '')?.[1] ?? assert.fail('no alternate')
      assert.equal((await client.post(alternate)).text.match(/BEGIN/g)?.length, 3)
      const stranger = await open()
      assert.equal((await stranger.post(alternate)).status, 404)

      const { serial, extensions } = parseCertificate(leaf.raw)
      const keyIdentifier = findExtension(extensions, oids.authorityKeyIdentifier, readAuthorityKeyIdentifier) ?? assert.fail()
      const renewal = `${client.url('renewalInfo')}/${formatAriId({ keyIdentifier, serial })}`
      const before = (await (await fetch(renewal)).json()) as { suggestedWindow: { start: string } }
      assert(Date.parse(before.suggestedWindow.start) > Date.now())
      assert.equal((await fetch(`${renewal}=`)).status, 400)

      const payload = { certificate: encode(leaf.raw), reason: 0 }
      const denied = await stranger.post(client.url('revokeCert'), payload)
      assert.deepEqual([denied.status, denied.error], [403, 'unauthorized'])
      const bare = await AcmeClient.open(service().addresses.http ?? assert.fail(), keyFrom(key.privateKey, 'ES256'))
      const revoked = await bare.post(client.url('revokeCert'), payload)
      assert.deepEqual([revoked.status, revoked.text], [200, ''])
      const again = await client.post(client.url('revokeCert'), payload)
      assert.deepEqual([again.status, again.error], [400, 'alreadyRevoked'])
      const reason = await client.post(client.url('revokeCert'), { ...payload, reason: 6 })
      assert.deepEqual([reason.status, reason.error], [400, 'badRevocationReason'])
      const after = (await (await fetch(renewal)).json()) as { suggestedWindow: { end: string } }
      assert(Date.parse(after.suggestedWindow.end) < Date.now())

      const refused = await order(client, key, { dnsNames: ['next.example.com'] })
      assert.deepEqual([refused.status, refused.error], [400, 'badCSR'], refused.text)
      assert.match(refused.text, /compromised/)
    })

    it('41. and 86. has the addresses and the validity that were asked for', async () => {
      const client = await open()
      const notAfter = new Date(Math.floor(Date.now() / 1000) * 1000 + 3 * 86_400_000)
      const names = { dnsNames: ['both.example.com'], ipAddresses: ['8.8.8.8', '2606:4700::1111'] }
      const { leaf } = await download(client, generateTestKey('P-256'), names, { notAfter: notAfter.toISOString() })
      assert.equal(leaf.subjectAltName, 'DNS:both.example.com, IP Address:8.8.8.8, IP Address:2606:4700:0:0:0:0:0:1111')
      assert.equal(leaf.validToDate.getTime(), notAfter.getTime())
      const card = await service()
        .services.db.read.selectFrom('certificate_cards')
        .select('sans')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst()
      assert.equal(card?.sans, 'both.example.com,8.8.8.8,2606:4700::1111')
    })

    it('41. an end that has passed meanwhile is told, and the order stays as it is', async () => {
      const client = await open()
      const notAfter = new Date(Date.now() + 3_600_000).toISOString()
      const placed = await client.post(client.url('newOrder'), { identifiers: [{ type: 'dns', value: 'both.example.com' }], notAfter })
      assert.equal(placed.body['status'], 'ready', placed.text)
      ahead.ms = 2 * 3_600_000
      try {
        client.nonces = []
        const csr = csrFor(generateTestKey('P-256'), { dnsNames: ['both.example.com'] })
        const answer = await client.post(String(placed.body['finalize']), { csr })
        assert.deepEqual([answer.status, answer.error], [400, 'malformed'], answer.text)
        assert.match(answer.text, /has passed/)
        assert.equal((await client.post(placed.headers.get('location') ?? '')).body['status'], 'ready')
      } finally {
        ahead.ms = 0
      }
    })
  },
  { ports: () => ({ clock: () => Date.now() + ahead.ms, domainControl: { maxConcurrent: 4, check: () => Promise.resolve(proven) } }) },
)
