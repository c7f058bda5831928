import assert from 'node:assert/strict'
import { generateKeyPairSync, createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import { DerError } from '../../src/x509/der-error.ts'
import { encodeBitString, encodeInteger, encodeNull, encodeSequence } from '../../src/x509/der-writer.ts'
import { encodeOid, oids } from '../../src/x509/oid.ts'
import { encodePem } from '../../src/x509/pem.ts'
import { hashKeyIdentifier, hashSpki, parseSpki } from '../../src/x509/spki.ts'
import { exportSpki, generateTestKey } from './keys.ts'
import { runOpenssl } from './openssl.ts'

test('RSA keys are read with size, modulus and exponent', () => {
  const key = parseSpki(generateTestKey('RSA-2048').spkiDer)
  assert.ok(key.kind.type === 'rsa')
  assert.equal(key.kind.bits, 2048)
  assert.equal(key.kind.modulus.length, 256)
  assert.equal(Buffer.from(key.kind.exponent).toString('hex'), '010001')
})

test('EC keys are read with their curve', () => {
  assert.deepEqual(parseSpki(generateTestKey('P-256').spkiDer).kind, { type: 'ec', curve: 'P-256' })
  assert.deepEqual(parseSpki(generateTestKey('P-384').spkiDer).kind, { type: 'ec', curve: 'P-384' })
})

test('other keys are told by their identifier', () => {
  assert.deepEqual(parseSpki(exportSpki(generateKeyPairSync('ed25519').publicKey)).kind, { type: 'other', oid: '1.3.101.112' })
  const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey
  assert.deepEqual(parseSpki(exportSpki(secp256k1)).kind, { type: 'other', oid: '1.3.132.0.10' })
})

test('the key identifier is SHA-1 over the BIT STRING without its first octet, as openssl computes it (RFC 5280 4.2.1.2)', async () => {
  const { privateKey, spkiDer } = generateTestKey('P-256')
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' })
  const made = await runOpenssl(
    ['req', '-x509', '-key', '@key', '-subj', '/CN=a', '-addext', 'subjectKeyIdentifier=hash', '-text', '-noout'],
    { key: pem },
  )
  const shown = /Subject Key Identifier:\s*([0-9A-F:]+)/.exec(made)?.[1]?.replaceAll(':', '').toLowerCase()
  assert.equal(Buffer.from(hashKeyIdentifier(parseSpki(spkiDer))).toString('hex'), shown)
  const digest = await runOpenssl(['dgst', '-sha256', '@spki'], { spki: spkiDer })
  assert.ok(digest.trim().endsWith(hashSpki(spkiDer)))
})

const bit = encodeBitString(encodeSequence(encodeInteger(2n ** 2047n + 1n), encodeInteger(65_537)))
const p256 = encodeSequence(encodeOid(oids.ecPublicKey), encodeOid(oids.prime256v1))
const refused: readonly [string, Uint8Array][] = [
  ['RSA without NULL (RFC 3279 2.3.1)', encodeSequence(encodeSequence(encodeOid(oids.rsaEncryption)), bit)],
  ['RSA with members to spare', encodeSequence(encodeSequence(encodeOid(oids.rsaEncryption), encodeNull()), bit, encodeNull())],
  ['RSA whose key is none', encodeSequence(encodeSequence(encodeOid(oids.rsaEncryption), encodeNull()), encodeBitString(Uint8Array.of(5)))],
  ['EC with explicit parameters (RFC 5480 2.1.1)', encodeSequence(encodeSequence(encodeOid(oids.ecPublicKey), encodeSequence()), bit)],
  ['a compressed point', encodeSequence(p256, encodeBitString(new Uint8Array(33).fill(2)))],
  ['a point too short', encodeSequence(p256, encodeBitString(new Uint8Array(64).fill(4)))],
  ['a point of another form', encodeSequence(p256, encodeBitString(new Uint8Array(65).fill(6)))],
]
for (const [what, der] of refused) {
  test(`the reader of keys refuses ${what}`, () => {
    assert.throws(() => parseSpki(der), DerError)
  })
}

test('PEM of a key is what node:crypto reads', () => {
  const { spkiDer } = generateTestKey('P-384')
  assert.equal(Buffer.compare(exportSpki(createPublicKey(encodePem('PUBLIC KEY', spkiDer))), spkiDer), 0)
})
