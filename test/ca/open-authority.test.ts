import 'reflect-metadata'
import assert from 'node:assert/strict'
import { randomBytes, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { globSync } from 'node:fs'
import { test } from 'node:test'
import { X509Certificate as PeculiarCertificate, X509ChainBuilder } from '@peculiar/x509'
import type { IssuanceIntent, IssuanceRequest } from '../../src/ca/certificate-authority.ts'
import { emulatorOrganization, openEmbeddedAuthority } from '../../src/ca/embedded/open-authority.ts'
import { privatePolicyOid } from '../../src/ca/embedded/profiles.ts'
import { signatureAlgorithms } from '../../src/x509/algorithm.ts'
import { parseCertificate, type Certificate } from '../../src/x509/certificate.ts'
import { findAttribute } from '../../src/x509/name.ts'
import { oids } from '../../src/x509/oid.ts'
import {
  findExtension,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readCaIssuers,
  readCertificatePolicies,
  readCrlDistributionPoints,
  readExtKeyUsage,
  readKeyUsage,
  readSubjectAltName,
} from '../../src/x509/read-extensions.ts'
import { hashKeyIdentifier } from '../../src/x509/spki.ts'
import { encodeTime } from '../../src/x509/time.ts'
import { generateTestKey, keyTypes } from '../x509/keys.ts'
import { runOpenssl } from '../x509/openssl.ts'
import { dayMs, hourMs, makeTestAuthority, pkiUrl, start, toPem, toSeconds, type TestAuthority } from './authority.ts'

const keys = { 'RSA-2048': generateTestKey('RSA-2048'), 'P-256': generateTestKey('P-256'), 'P-384': generateTestKey('P-384') }
const withAddresses = await makeTestAuthority({ pkiUrl })
const plain = await makeTestAuthority()

const ask = (changes: Partial<IssuanceRequest> = {}): IssuanceRequest => ({
  spkiDer: keys['P-256'].spkiDer,
  dnsNames: ['example.com', '*.example.com'],
  validityDays: 90,
  certificateId: 1,
  emulator: false,
  ...changes,
})

const issue = async ({ authority }: TestAuthority, changes: Partial<IssuanceRequest> = {}): Promise<Uint8Array> =>
  authority.sign(await authority.prepare(ask(changes)))

const describe = (certificate: Certificate): [string, boolean][] => certificate.extensions.map(({ oid, critical }) => [oid, critical])

for (const type of keyTypes) {
  test(`a leaf of ${type} is verified by openssl, node:crypto and @peculiar/x509 up to the root`, async () => {
    for (const each of [plain, withAddresses]) {
      const der = await issue(each, { spkiDer: keys[type].spkiDer })
      const files = { leaf: toPem(der), chain: toPem(each.authority.issuerDer), root: toPem(each.authority.rootDer) }
      const args = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'a.example.com', '-attime', toSeconds(start)]
      assert.match(await runOpenssl([...args, '-CAfile', '@root', '-untrusted', '@chain', '@leaf'], files), /: OK/)
      const node = new X509Certificate(der)
      const issuer = new X509Certificate(each.authority.issuerDer)
      assert.ok(node.checkIssued(issuer) && node.verify(issuer.publicKey))
      assert.equal(node.checkHost('example.com'), 'example.com')
      assert.equal(node.ca, false)
      const others = [each.authority.issuerDer, each.authority.rootDer].map((one) => new PeculiarCertificate(Buffer.from(one)))
      assert.equal((await new X509ChainBuilder({ certificates: others }).build(new PeculiarCertificate(Buffer.from(der)))).length, 3)
    }
  })
}

test('a leaf has exactly the extensions of its profile, with their criticality (BR 7.1.2.7.6)', async () => {
  const leaf = parseCertificate(await issue(withAddresses, { certificateId: 65_536 * 3 + 5 }))
  assert.deepEqual(describe(leaf), [
    [oids.keyUsage, true],
    [oids.extKeyUsage, false],
    [oids.basicConstraints, true],
    [oids.authorityKeyIdentifier, false],
    [oids.authorityInfoAccess, false],
    [oids.cRLDistributionPoints, false],
    [oids.subjectAltName, false],
    [oids.certificatePolicies, false],
  ])
  const { extensions } = leaf
  const { issuerId } = withAddresses.authority
  const issuer = parseCertificate(withAddresses.authority.issuerDer)
  assert.deepEqual(findExtension(extensions, oids.extKeyUsage, readExtKeyUsage), [oids.serverAuth])
  assert.deepEqual(findExtension(extensions, oids.basicConstraints, readBasicConstraints), { ca: false, pathLength: undefined })
  assert.deepEqual(findExtension(extensions, oids.authorityInfoAccess, readCaIssuers), [`${pkiUrl}/ca/${issuerId}.crt`])
  assert.deepEqual(findExtension(extensions, oids.cRLDistributionPoints, readCrlDistributionPoints), [`${pkiUrl}/crl/${issuerId}-3.crl`])
  assert.deepEqual(findExtension(extensions, oids.subjectAltName, readSubjectAltName)?.dnsNames, ['example.com', '*.example.com'])
  assert.deepEqual(findExtension(extensions, oids.certificatePolicies, readCertificatePolicies), [privatePolicyOid])
  const authority = findExtension(extensions, oids.authorityKeyIdentifier, readAuthorityKeyIdentifier) ?? new Uint8Array()
  assert.equal(Buffer.compare(authority, hashKeyIdentifier(issuer.publicKey)), 0)
  assert.equal(Buffer.compare(leaf.issuer.der, issuer.subject.der), 0)
  assert.equal(leaf.signatureAlgorithm.name, 'ecdsa-with-SHA256')
})

test('key usage follows the key type: EC must not encipher (BR 7.1.2.7.11)', async () => {
  const usages = async (type: keyof typeof keys): Promise<unknown> =>
    findExtension(parseCertificate(await issue(plain, { spkiDer: keys[type].spkiDer })).extensions, oids.keyUsage, readKeyUsage)
  assert.deepEqual(await usages('P-256'), ['digitalSignature'])
  assert.deepEqual(await usages('P-384'), ['digitalSignature'])
  assert.deepEqual(await usages('RSA-2048'), ['digitalSignature', 'keyEncipherment'])
})

test('without addresses a leaf points nowhere and every certificate belongs to shard 0', async () => {
  const intent = await plain.authority.prepare(ask({ certificateId: 65_536 * 9 }))
  assert.equal(intent.crlShard, 0)
  const found = describe(parseCertificate(await plain.authority.sign(intent))).map(([oid]) => oid)
  assert.ok(!found.includes(oids.authorityInfoAccess) && !found.includes(oids.cRLDistributionPoints))
  assert.equal(plain.authority.crlUrl(0), undefined)
})

test('the CRL shard changes with every 65,536th certificate', async () => {
  const shard = async (certificateId: number): Promise<number> => (await withAddresses.authority.prepare(ask({ certificateId }))).crlShard
  assert.deepEqual([await shard(0), await shard(65_535), await shard(65_536), await shard(131_072)], [0, 0, 1, 2])
})

test('validity is whole days with both ends counted, begins at most one hour back (BR 6.3.2, 7.1.2.7)', async () => {
  for (const validityDays of [1, 90, 199, 365]) {
    const leaf = parseCertificate(await issue(plain, { validityDays }))
    assert.equal(leaf.notAfter - leaf.notBefore, validityDays * dayMs - 1000)
    assert.ok(leaf.notBefore >= start - hourMs && leaf.notBefore <= start)
  }
})

test('an intent tells what the certificate then holds', async () => {
  const intent = await plain.authority.prepare(ask())
  const leaf = parseCertificate(await plain.authority.sign(intent))
  assert.match(intent.serial, /^[4-7][0-9a-f]{31}$/)
  assert.deepEqual([leaf.serial, leaf.notBefore, leaf.notAfter], [intent.serial, intent.notBefore, intent.notAfter])
  assert.equal(Buffer.compare(leaf.tbsDer, intent.tbsDer), 0)
  assert.equal(intent.issuerId, plain.made.intermediate.id)
})

test('no certificate outlives its issuer, and none is prepared when the issuer is at its end', async () => {
  const each = await makeTestAuthority()
  const { notAfter } = parseCertificate(each.authority.issuerDer)
  each.clock.now = notAfter - 10 * dayMs
  assert.equal((await each.authority.prepare(ask())).notAfter, notAfter)
  each.clock.now = notAfter + 1
  await assert.rejects(each.authority.prepare(ask()), /at its end/)
})

test('no certificate begins before its issuer', async () => {
  const each = await makeTestAuthority()
  each.clock.now = start - 5000
  assert.equal((await each.authority.prepare(ask())).notBefore, parseCertificate(each.authority.issuerDer).notBefore)
})

test('the CN is the first name, if it has at most 64 characters (RFC 5280 appendix A.1, BR 7.1.4.3)', async () => {
  const ends = { exact: `${'a'.repeat(52)}.example.com`, long: `${'a'.repeat(53)}.example.com` }
  const exact = parseCertificate(await issue(plain, { dnsNames: [ends.exact, 'b.example'] }))
  assert.equal(findAttribute(exact.subject, oids.commonName), ends.exact)
  const long = parseCertificate(await issue(plain, { dnsNames: [ends.long, 'b.example'] }))
  assert.deepEqual(long.subject.attributes, [])
})

test('subjectAltName is critical exactly if the subject is empty (RFC 5280 4.2.1.6)', async () => {
  const dnsNames = [`${'a'.repeat(60)}.example.com`]
  const isCritical = (der: Uint8Array): boolean | undefined => new Map(describe(parseCertificate(der))).get(oids.subjectAltName)
  const empty = await issue(plain, { dnsNames })
  assert.equal(isCritical(empty), true)
  assert.equal(isCritical(await issue(plain, { dnsNames, emulator: true })), false)
  const files = { leaf: toPem(empty), chain: toPem(plain.authority.issuerDer), root: toPem(plain.authority.rootDer) }
  const args = ['verify', '-x509_strict', '-attime', toSeconds(start), '-CAfile', '@root', '-untrusted', '@chain', '@leaf']
  assert.match(await runOpenssl(args, files), /: OK/)
})

test('certificates of an emulator say so in their subject, others have a CN only', async () => {
  const texts = async (emulator: boolean): Promise<string[]> =>
    parseCertificate(await issue(plain, { emulator })).subject.attributes.map(({ text }) => text)
  assert.deepEqual(await texts(true), [emulatorOrganization, 'example.com'])
  assert.deepEqual(await texts(false), ['example.com'])
})

test('a hundred names fit into one certificate', async () => {
  const dnsNames = Array.from({ length: 100 }, (_, i) => `host-${i}.example.com`)
  const shown = await runOpenssl(['x509', '-in', '@leaf', '-inform', 'DER', '-noout', '-text'], { leaf: await issue(plain, { dnsNames }) })
  assert.equal(shown.match(/DNS:host-\d+\.example\.com/g)?.length, 100)
})

test('names that no certificate may hold are refused (BR 7.1.2.7.12)', async () => {
  const bad = ['bücher.example', 'Example.com', 'a_b.example', '*', 'a.*.example', 'example.com.', '192.0.2.1', 'a\u0000.example', '']
  for (const name of bad)
    await assert.rejects(plain.authority.prepare(ask({ dnsNames: ['example.com', name] })), /unfit/, JSON.stringify(name))
  await assert.rejects(plain.authority.prepare(ask({ dnsNames: [] })), /without a name/)
  await assert.rejects(plain.authority.prepare(ask({ dnsNames: ['a.example', 'a.example'] })), /twice/)
})

test('requests without sense are refused', async () => {
  for (const validityDays of [0, -1, 1.5, Number.NaN]) await assert.rejects(plain.authority.prepare(ask({ validityDays })), /whole days/)
  for (const certificateId of [-1, 0.5, 2 ** 53]) await assert.rejects(plain.authority.prepare(ask({ certificateId })), /id/)
})

test('keys that no profile allows are refused (BR 6.1.5, 6.1.6)', async () => {
  const offCurve = Buffer.from(keys['P-256'].spkiDer)
  offCurve[offCurve.length - 1] = (offCurve.at(-1) ?? 0) ^ 1
  await assert.rejects(plain.authority.prepare(ask({ spkiDer: offCurve })), /unfit key/)
  const infoDer = await runOpenssl(['genpkey', '-algorithm', 'ED25519', '-outform', 'PEM'])
  const pub = await runOpenssl(['pkey', '-in', '@key', '-pubout'], { key: infoDer })
  const ed25519 = Buffer.from(pub.split('\n').slice(1, -2).join(''), 'base64')
  await assert.rejects(plain.authority.prepare(ask({ spkiDer: ed25519 })), /unfit key/)
})

test('an intent lives one hour', async () => {
  const each = await makeTestAuthority()
  const intent = await each.authority.prepare(ask())
  each.clock.now = start + hourMs - 1000
  await each.authority.sign(intent)
  each.clock.now = start + hourMs + 1000
  await assert.rejects(each.authority.sign(intent), /over one hour old/)
  each.clock.now = start - 2 * hourMs
  await assert.rejects(each.authority.sign(intent), /from the future/)
})

test('an intent of another issuer, or whose parts do not agree, is not signed', async () => {
  const intent = await plain.authority.prepare(ask())
  const foreign = await withAddresses.authority.prepare(ask())
  const cases: readonly [Partial<IssuanceIntent>, RegExp][] = [
    [{ issuerId: foreign.issuerId }, /another issuer/],
    [{ tbsDer: foreign.tbsDer, serial: foreign.serial }, /another issuer/],
    [{ serial: foreign.serial }, /another serial/],
    [{ notBefore: intent.notBefore + 1000 }, /another validity/],
    [{ notAfter: intent.notAfter + 1000 }, /another validity/],
    [{ notAfter: intent.notAfter + 1 }, /another validity/],
    [{ tbsDer: Uint8Array.of(0x30, 0) }, /missing/],
  ]
  for (const [changes, reason] of cases) await assert.rejects(plain.authority.sign({ ...intent, ...changes }), reason)
  await assert.rejects(plain.authority.sign(foreign), /another issuer/)
})

test('an intent that outlives its issuer, or names another algorithm, is not signed', async () => {
  const intent = await plain.authority.prepare(ask())
  const swap = (from: Uint8Array, to: Uint8Array): Uint8Array => {
    const tbsDer = Buffer.from(intent.tbsDer)
    tbsDer.set(to, tbsDer.indexOf(from))
    return tbsDer
  }
  const late = Date.UTC(2049, 11, 31, 23, 59, 59)
  const outliving = { ...intent, notAfter: late, tbsDer: swap(encodeTime(intent.notAfter), encodeTime(late)) }
  await assert.rejects(plain.authority.sign(outliving), /outlives its issuer/)
  const { 'ecdsa-with-SHA256': right, 'ecdsa-with-SHA384': wrong } = signatureAlgorithms
  await assert.rejects(plain.authority.sign({ ...intent, tbsDer: swap(right.der, wrong.der) }), /another signature algorithm/)
})

test('signing the same intent twice gives two certificates over the same octets', async () => {
  const intent = await plain.authority.prepare(ask())
  const [first, second] = await Promise.all([plain.authority.sign(intent), plain.authority.sign(intent)])
  assert.equal(Buffer.compare(parseCertificate(first).tbsDer, parseCertificate(second).tbsDer), 0)
})

test('certificates and keys that do not belong together are refused at opening', () => {
  const { options } = plain
  assert.throws(() => openEmbeddedAuthority({ ...options, rootDer: withAddresses.options.rootDer }), /not one of this root/)
  assert.throws(
    () => openEmbeddedAuthority({ ...options, intermediateKeyPkcs8: withAddresses.options.intermediateKeyPkcs8 }),
    /does not belong/,
  )
  const forged = Buffer.from(options.intermediateDer)
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
  assert.throws(() => openEmbeddedAuthority({ ...options, intermediateDer: forged }), /not one of this root/)
})

test('a root cannot be opened as an issuing CA: its key signs no leaves (BR 6.1.7)', () => {
  const { options, made } = plain
  const root = { ...options, intermediateDer: options.rootDer, intermediateKeyPkcs8: made.root.privateKeyPkcs8 }
  assert.throws(() => openEmbeddedAuthority(root), /a root must not issue/)
})

test('a leaf cannot be opened as an issuing CA', async () => {
  const leaf = await issue(plain)
  const key = keys['P-256'].privateKey.export({ format: 'der', type: 'pkcs8' })
  const options = { ...plain.options, rootDer: plain.options.intermediateDer, intermediateDer: leaf, intermediateKeyPkcs8: key }
  assert.throws(() => openEmbeddedAuthority(options), /not a CA/)
})

test('the address of the PKI files stays as it was when the CA was made', () => {
  assert.throws(() => openEmbeddedAuthority({ ...plain.options, pkiUrl }), /fixed when the CA was made/)
  assert.throws(() => openEmbeddedAuthority({ ...withAddresses.options, pkiUrl: undefined }), /fixed when the CA was made/)
  assert.throws(() => openEmbeddedAuthority({ ...withAddresses.options, pkiUrl: 'http://other.example' }), /fixed when the CA was made/)
  assert.doesNotThrow(() => openEmbeddedAuthority({ ...withAddresses.options, pkiUrl: `${pkiUrl}/` }))
})

test('no leaf states a policy of the CA/Browser Forum, 2.23.140 (BR 7.1.6.1)', async () => {
  for (const each of [plain, withAddresses]) {
    const der = Buffer.from(await issue(each))
    assert.equal(der.indexOf(Buffer.from('67810c', 'hex')), -1)
  }
  for (const policyOid of ['2.23.140.1.2.1', '2.23.140', oids.anyPolicy]) {
    assert.throws(() => openEmbeddedAuthority({ ...plain.options, policyOid }), /must not state/)
  }
  assert.doesNotThrow(() => openEmbeddedAuthority({ ...plain.options, policyOid: '2.23.1400.1' }))
})

test('no source file of the CA names 2.23.140 but the one that refuses it', async () => {
  const folder = new URL('../../src/', import.meta.url).pathname
  const naming: string[] = []
  for (const file of globSync('{x509,ca}/**/*.ts', { cwd: folder })) {
    if ((await readFile(`${folder}${file}`, 'utf8')).includes('2.23.140')) naming.push(file)
  }
  assert.deepEqual(naming, ['ca/embedded/profiles.ts'])
})

test("the private policy's arcs fit 31 bits, so that older clients read the certificate, and an own policy takes its place", async () => {
  assert.ok(privatePolicyOid.split('.').every((arc) => Number(arc) < 2 ** 28))
  const own = await makeTestAuthority({}, { policyOid: '1.3.6.1.4.1.32473.1' })
  const leaf = parseCertificate(await issue(own))
  assert.deepEqual(findExtension(leaf.extensions, oids.certificatePolicies, readCertificatePolicies), ['1.3.6.1.4.1.32473.1'])
})

test('serial numbers of a thousand certificates differ, are positive and have 16 octets (BR 7.1, RFC 5280 4.1.2.2)', async () => {
  const serials = new Set<string>()
  for (let i = 0; i < 1000; i += 1) serials.add((await plain.authority.prepare(ask())).serial)
  assert.equal(serials.size, 1000)
  assert.ok([...serials].every((serial) => /^[4-7][0-9a-f]{31}$/.test(serial)))
  for (const octet of [0x00, 0xff, 0x80, 0x7f]) {
    const each = openEmbeddedAuthority({ ...plain.options, randomBytes: (length) => randomBytes(length).fill(octet) })
    const leaf = await each.sign(await each.prepare(ask()))
    assert.match(
      await runOpenssl(['x509', '-in', '@leaf', '-inform', 'DER', '-noout', '-serial'], { leaf }),
      /^serial=[4-7][0-9A-F]{31}\n$/,
    )
  }
})
