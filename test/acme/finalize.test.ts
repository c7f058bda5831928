import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import { finalizeAcmeOrder } from '../../src/orders/acme/finalize-order.ts'
import { placeAcmeOrder } from '../../src/orders/acme/place-acme-order.ts'
import { showAcmeOrder } from '../../src/orders/acme/show-order.ts'
import { startChallenge } from '../../src/orders/acme/start-challenge.ts'
import { parseCertificate } from '../../src/x509/certificate.ts'
import { assembleCertificationRequest } from '../../src/x509/csr.ts'
import { contextTag, encodeInteger, encodeSequence, encodeTlv } from '../../src/x509/der-writer.ts'
import { encodeExtensionRequest, encodeExtKeyUsage } from '../../src/x509/extensions.ts'
import { encodeName } from '../../src/x509/name.ts'
import { oids } from '../../src/x509/oid.ts'
import { onBothEngines, proven, type TestServices, writeDirectly } from '../orders/open-test-services.ts'
import { describeService } from '../support/service.ts'
import { extension } from '../validation/alpn-certificates.ts'
import { exportSpki, generateTestKey, type TestKey } from '../x509/keys.ts'
import { encode } from './acme-client.ts'
import { csrFor, makeWorld, obtain, placeOrder, prove, registered } from './acme-orders.ts'
import { makeAcmeCaller } from './issued-certificates.ts'

const world = makeWorld()
const mustStaple = '1.3.6.1.5.5.7.1.24'

/** A CSR with any extensions, by any key. */
function rawCsr(key: TestKey, extensions: readonly Uint8Array[]): string {
  const infoDer = encodeSequence(
    encodeInteger(0),
    encodeName({}),
    key.spkiDer,
    encodeTlv(contextTag(0, 'constructed'), encodeExtensionRequest(extensions)),
  )
  const hash = key.algorithm === 'ecdsa-with-SHA384' ? 'sha384' : 'sha256'
  return encode(assembleCertificationRequest(infoDer, key.algorithm, sign(hash, infoDer, key.privateKey)))
}

const own = (privateKey: KeyObject, algorithm: TestKey['algorithm']): TestKey => ({
  privateKey,
  spkiDer: exportSpki(createPublicKey(privateKey)),
  algorithm,
})

/** A subjectAltName with a name of a kind that the service does not certify: rfc822Name, URI. */
const sanWith = (dnsName: string, tag: number, text: string) =>
  extension(
    oids.subjectAltName,
    false,
    encodeSequence(encodeTlv(contextTag(2, 'primitive'), Buffer.from(dnsName)), encodeTlv(contextTag(tag, 'primitive'), Buffer.from(text))),
  )

describeService(
  'finalize at the ACME door',
  (service) => {
    it('44. is orderNotReady for an order that is pending, valid or invalid (7.4)', async () => {
      const client = await registered(service())
      const refused = async (finalize: string) => {
        const { status, error, text } = await client.post(finalize, { csr: csrFor(['not-ready.example.com']) })
        assert.deepEqual([status, error], [403, 'orderNotReady'], text)
      }
      const order = await placeOrder(client, ['not-ready.example.com'])
      await refused(order.finalize)
      await prove(client, order)
      assert.equal((await client.post(order.finalize, { csr: csrFor(['not-ready.example.com']) })).body['status'], 'valid')
      await refused(order.finalize)
      const other = await placeOrder(client, ['not-ready2.example.com'])
      await client.post(other.authorizations[0] ?? '', { status: 'deactivated' })
      await refused(other.finalize)
    })

    it('45. and 46. a CSR that does not fit is badCSR, and the order stays ready (7.4)', async () => {
      const client = await registered(service())
      const key = generateTestKey('P-256')
      const burnt = generateTestKey('P-256')
      const { pem } = await obtain(client, ['burnt.example.com'], { key: burnt })
      const revoked = await client.post(client.url('revokeCert'), { certificate: encode(new X509Certificate(pem).raw), reason: 1 })
      assert.equal(revoked.status, 200, revoked.text)

      const names = ['csr.example.com', 'www.csr.example.com']
      const order = await placeOrder(client, names)
      await prove(client, order)
      const flipped = Buffer.from(csrFor(names), 'base64url')
      flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
      const ecc = (namedCurve: string) => own(generateKeyPairSync('ec', { namedCurve }).privateKey, 'ecdsa-with-SHA256')
      const rsa = (modulusLength: number, publicExponent = 65_537) =>
        own(generateKeyPairSync('rsa', { modulusLength, publicExponent }).privateKey, 'sha256WithRSAEncryption')
      const bad: Record<string, string> = {
        'no DER': 'AAAA',
        'an end too early': encode(Buffer.from(csrFor(names), 'base64url').subarray(0, -6)),
        'a wrong signature': encode(flipped),
        'a name less': csrFor(names.slice(1)),
        'a name more': csrFor([...names, 'more.csr.example.com']),
        'another name': csrFor(['csr.example.com', 'web.csr.example.com']),
        'a wildcard for a name': csrFor(['csr.example.com', '*.csr.example.com']),
        'an address more': csrFor([...names, '8.8.8.8']),
        'a CN that is none of the names': csrFor(names, { commonName: 'cn.example.com' }),
        'no names': csrFor([]),
        'a mail address': rawCsr(key, [sanWith('csr.example.com', 1, 'a@csr.example.com')]),
        'a URI': rawCsr(key, [sanWith('csr.example.com', 6, 'https://csr.example.com/')]),
        'the key of the account': csrFor(names, { key: own(client.key.privateKey, 'ecdsa-with-SHA256') }),
        'a key that was compromised': csrFor(names, { key: burnt }),
        'P-521': csrFor(names, { key: ecc('P-521') }),
        secp256k1: csrFor(names, { key: ecc('secp256k1') }),
        'RSA 1024': csrFor(names, { key: rsa(1024) }),
        'RSA 2056': csrFor(names, { key: rsa(2056) }),
        'the exponent 3': csrFor(names, { key: rsa(2048, 3) }),
      }
      for (const [what, csr] of Object.entries(bad)) {
        const answer = await client.post(order.finalize, { csr })
        assert.deepEqual([answer.status, answer.error], [400, 'badCSR'], `${what}: ${answer.text}`)
        assert.equal((await client.post(order.url)).body['status'], 'ready', what)
      }
      for (const csr of [undefined, 7, null, `${csrFor(names)}=`, '', 'A']) {
        const answer = await client.post(order.finalize, { csr })
        assert.ok(answer.error === 'malformed' || (csr === '' && answer.error === 'badCSR'), `${String(csr)}: ${answer.text}`)
      }
      assert.equal((await client.post(order.finalize, { csr: csrFor(names) })).body['status'], 'valid')
    })

    it('46. names count as a set in any spelling, other extensions for nothing (7.4)', async () => {
      const client = await registered(service())
      const order = await placeOrder(client, ['set.example.com', 'b.set.example.com'])
      await prove(client, order)
      const upper = encodeSequence(
        ...['B.SET.example.com', 'Set.Example.COM', 'set.example.com'].map((name) =>
          encodeTlv(contextTag(2, 'primitive'), Buffer.from(name)),
        ),
      )
      const csr = rawCsr(generateTestKey('P-384'), [
        extension(mustStaple, false, Buffer.from('3003020105', 'hex')),
        encodeExtKeyUsage(['1.3.6.1.5.5.7.3.3']),
        extension(oids.subjectAltName, false, upper),
      ])
      const done = await client.post(order.finalize, { csr })
      assert.equal(done.body['status'], 'valid', done.text)
      const leaf = new X509Certificate((await client.post(String(done.body['certificate']))).text)
      assert.deepEqual((leaf.subjectAltName ?? '').split(', ').toSorted(), ['DNS:b.set.example.com', 'DNS:set.example.com'])
      assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1'])
      assert.ok(!parseCertificate(leaf.raw).extensions.some(({ oid }) => oid === mustStaple))
    })

    it('46. a name that is too long for a CN is certified without one; a CN alone is enough (7.4)', async () => {
      const client = await registered(service())
      const long = `${'a'.repeat(60)}.long.example.com`
      const { pem } = await obtain(client, [long])
      assert.equal(new X509Certificate(pem).subjectAltName, `DNS:${long}`)
      assert.equal(new X509Certificate(pem).subject || '', '')
      const order = await placeOrder(client, ['cn.long.example.com'])
      await prove(client, order)
      const done = await client.post(order.finalize, { csr: csrFor([], { commonName: 'CN.long.example.com' }) })
      assert.equal(done.body['status'], 'valid', done.text)
    })

    it('48. of six at a time one issues (7.4)', async () => {
      const client = await registered(service())
      const { db } = service().services
      const order = await placeOrder(client, ['race.example.com'])
      await prove(client, order)
      const answers = await Promise.all(Array.from({ length: 6 }, () => client.post(order.finalize, { csr: csrFor(['race.example.com']) })))
      const served = answers.filter(({ status }) => status === 200)
      assert.ok(served.length >= 1)
      for (const answer of answers) {
        if (answer.status !== 200) assert.deepEqual([answer.status, answer.error], [403, 'orderNotReady'], answer.text)
      }
      assert.equal(new Set(served.map(({ body }) => body['certificate'] ?? body['status'])).size, 1)
      const id = Number(order.url.split('/').at(-1))
      const count = async (table: 'certificates' | 'issuance_intents') =>
        (await db.read.selectFrom(table).select('order_id').where('order_id', '=', id).execute()).length
      assert.deepEqual([await count('certificates'), await count('issuance_intents')], [1, 1])
    })
  },
  { ports: world.ports },
)

describe('an order that is about to be issued', () => {
  async function ready(test: TestServices) {
    test.world.look = () => Promise.resolve(proven)
    const caller = await makeAcmeCaller(test)
    const placed = await placeAcmeOrder(test.services, caller, { identifiers: [{ type: 'dns', value: 'www.example.com' }] })
    await startChallenge(test.services, caller, placed.authorizationIds[0] ?? 0, 'http-01')
    const csr = Buffer.from(csrFor(['www.example.com']), 'base64url')
    return { caller, orderId: placed.id, csr }
  }

  onBothEngines('43. and 44. is processing: to be looked at again, and not to be finalized (7.4)', async (test) => {
    const { caller, orderId, csr } = await ready(test)
    for (const state of ['reviewing', 'issuing']) {
      await writeDirectly(test, `update orders set state = '${state}' where id = ${orderId}`)
      const { status, retryAfterS } = await showAcmeOrder(test.services, caller, orderId)
      assert.deepEqual([status, retryAfterS], ['processing', 1])
      await assert.rejects(finalizeAcmeOrder(test.services, caller, orderId, csr), { problem: 'orderNotReady' })
    }
  })

  onBothEngines('48. whose process died between signature and commit is issued once, by the next finalize (7.4)', async (test) => {
    const { caller, orderId, csr } = await ready(test)
    const { db } = test.services
    // Signed, and gone before the commit: nobody has seen it.
    const write = new Proxy(db.write, {
      get: (target, name) => (name === 'issueCertificate' ? () => Promise.reject(new Error('killed')) : Reflect.get(target, name)),
    })
    const dying = { ...test.services, db: new Proxy(db, { get: (target, name) => (name === 'write' ? write : Reflect.get(target, name)) }) }
    await assert.rejects(finalizeAcmeOrder(dying, caller, orderId, csr), { message: 'killed' })
    const stored = async () => [
      (await db.read.selectFrom('certificates').select('id').where('order_id', '=', orderId).execute()).length,
      (await db.read.selectFrom('issuance_intents').select('order_id').where('order_id', '=', orderId).execute()).length,
      (await showAcmeOrder(test.services, caller, orderId)).status,
    ]
    assert.deepEqual(await stored(), [0, 0, 'ready'])
    assert.equal((await finalizeAcmeOrder(test.services, caller, orderId, csr)).status, 'valid')
    assert.deepEqual(await stored(), [1, 1, 'valid'])
    await assert.rejects(finalizeAcmeOrder(test.services, caller, orderId, csr), { problem: 'orderNotReady' })
  })
})
