import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, hash } from 'node:crypto'
import { test } from 'node:test'
import { thumbprintOf } from '../../../src/orders/acme/thumbprint.ts'
import { parseSpki } from '../../../src/x509/spki.ts'
import { exportSpki, generateTestKey, keyTypes } from '../../x509/keys.ts'

for (const type of keyTypes) {
  test(`the thumbprint of ${type} is that of its JWK (RFC 7638)`, () => {
    const { privateKey, spkiDer } = generateTestKey(type)
    const { crv, e, kty, n, x, y } = createPublicKey(privateKey).export({ format: 'jwk' })
    const members = kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y }
    assert.equal(thumbprintOf(parseSpki(spkiDer)), hash('sha256', JSON.stringify(members), 'base64url'))
  })
}

test('a key of a kind that is not certified has none', () => {
  assert.equal(thumbprintOf(parseSpki(exportSpki(generateKeyPairSync('ed25519').publicKey))), undefined)
})
