import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { findKeyFault } from '../../src/ca/key-policy.ts'
import { encodeBitString, encodeInteger, encodeNull, encodeSequence } from '../../src/x509/der-writer.ts'
import { encodeOid, oids } from '../../src/x509/oid.ts'
import { parseSpki } from '../../src/x509/spki.ts'
import { exportSpki, generateTestKey, keyTypes } from '../x509/keys.ts'

for (const type of keyTypes) {
  test(`a key of ${type} can be certified (BR 6.1.5)`, () => {
    assert.equal(findKeyFault(parseSpki(generateTestKey(type).spkiDer)), undefined)
  })
}

const rsa = (modulus: bigint, exponent: number): Uint8Array => {
  const key = encodeBitString(encodeSequence(encodeInteger(modulus), encodeInteger(exponent)))
  return encodeSequence(encodeSequence(encodeOid(oids.rsaEncryption), encodeNull()), key)
}

const judged: readonly [string, Uint8Array, RegExp][] = [
  ['RSA of 1024 bits', rsa(2n ** 1023n + 1n, 65_537), /not 1024/],
  ['RSA of 2047 bits', rsa(2n ** 2046n + 1n, 65_537), /not 2047/],
  ['RSA of 2056 bits', rsa(2n ** 2055n + 1n, 65_537), /not 2056/],
  ['RSA of 8192 bits', rsa(2n ** 8191n + 1n, 65_537), /not 8192/],
  ['RSA with exponent 3', rsa(2n ** 2047n + 1n, 3), /65537/],
  ['RSA with an even modulus', rsa(2n ** 2047n, 65_537), /odd/],
  ['P-521', exportSpki(generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey), /P-256 or P-384/],
  ['secp256k1', exportSpki(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey), /RSA or EC/],
  ['Ed25519', exportSpki(generateKeyPairSync('ed25519').publicKey), /RSA or EC/],
]
for (const [what, spkiDer, reason] of judged) {
  test(`a key of ${what} cannot be certified (BR 6.1.5, 6.1.6)`, () => {
    assert.match(findKeyFault(parseSpki(spkiDer)) ?? '', reason)
  })
}
