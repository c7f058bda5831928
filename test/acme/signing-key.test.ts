import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertSigned, hasMac, readFlattened } from '../../src/acme/jws.ts'
import { readSigningKey } from '../../src/acme/signing-key.ts'
import { makeKey, signJws } from './acme-client.ts'

describe('keys that sign requests', () => {
  it('58. have the thumbprint of RFC 7638 section 3.1', () => {
    const { thumbprint, kind } = readSigningKey({
      kty: 'RSA',
      n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
      e: 'AQAB',
      alg: 'RS256',
      kid: '2011-04-29',
    })
    assert.deepEqual([thumbprint, kind], ['NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs', 'RSA'])
  })

  it('8. verify the Ed25519 example of RFC 8037 appendix A, with the thumbprint of A.3', () => {
    const key = readSigningKey({ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' })
    assert.equal(key.thumbprint, 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
    const jws = readFlattened({
      // {"alg":"EdDSA"}
      protected: 'eyJhbGciOiJFZERTQSJ9',
      payload: 'RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc',
      signature: 'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
    })
    assertSigned(jws, key)
    const forged = { ...jws, signedOctets: Buffer.from(`${jws.signedOctets.toString()}x`) }
    assert.throws(() => assertSigned(forged, key), { problem: 'acmeBadSignature' })
  })

  it('10. refuse each signature with one bit changed', () => {
    for (const alg of ['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256'] as const) {
      const made = makeKey(alg)
      const key = readSigningKey(made.jwk)
      assert.equal(key.thumbprint, made.thumbprint)
      const jws = readFlattened(signJws(made, { alg }, { a: 1 }))
      assertSigned(jws, key)
      for (const at of [0, 31, jws.signature.length - 1]) {
        const signature = Buffer.from(jws.signature)
        signature[at] = (signature[at] ?? 0) ^ 1
        assert.throws(() => assertSigned({ ...jws, signature }, key), { problem: 'acmeBadSignature' })
      }
      assert.throws(() => assertSigned({ ...jws, signature: Buffer.concat([jws.signature, Buffer.alloc(1)]) }, key), {
        problem: 'acmeBadSignature',
      })
      assert.throws(() => assertSigned({ ...jws, signature: Buffer.alloc(0) }, key), { problem: 'acmeBadSignature' })
    }
  })

  it('32. check the MAC of RFC 7515 appendix A.1', () => {
    const mac = Buffer.from('AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow', 'base64url')
    const jws = readFlattened({
      protected: 'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9',
      payload: 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ',
      signature: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    })
    assert.equal(hasMac(jws, mac), true)
    assert.equal(hasMac(jws, mac.subarray(1)), false)
    assert.equal(hasMac({ ...jws, header: { alg: 'none' } }, mac), false)
  })
})
