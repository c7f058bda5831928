import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { generateKeyPair, keyAlgorithms, parseKeyAlgorithm, privateKeyPem } from '../../src/keys/key-pair.ts'

const expected = {
  RSA_2048: { details: { modulusLength: 2048, publicExponent: 65537n }, label: 'RSA PRIVATE KEY', openssl: 'Private-Key: (2048 bit' },
  RSA_3072: { details: { modulusLength: 3072, publicExponent: 65537n }, label: 'RSA PRIVATE KEY', openssl: 'Private-Key: (3072 bit' },
  RSA_4096: { details: { modulusLength: 4096, publicExponent: 65537n }, label: 'RSA PRIVATE KEY', openssl: 'Private-Key: (4096 bit' },
  ECC_256: { details: { namedCurve: 'prime256v1' }, label: 'EC PRIVATE KEY', openssl: 'NIST CURVE: P-256' },
  ECC_384: { details: { namedCurve: 'secp384r1' }, label: 'EC PRIVATE KEY', openssl: 'NIST CURVE: P-384' },
} as const

describe('generateKeyPair', () => {
  for (const algorithm of keyAlgorithms) {
    const { details, label, openssl } = expected[algorithm]

    it(`makes a ${algorithm} pair whose PEM openssl reads (RFC 7468)`, { timeout: 60_000 }, async () => {
      const { spkiDer, pkcs8Der } = await generateKeyPair(algorithm)
      const privateKey = createPrivateKey({ key: Buffer.from(pkcs8Der), format: 'der', type: 'pkcs8' })
      assert.deepEqual({ ...privateKey.asymmetricKeyDetails }, details)
      assert.deepEqual(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }), Buffer.from(spkiDer))

      const pem = privateKeyPem(pkcs8Der)
      assert.match(pem, new RegExp(`^-----BEGIN ${label}-----\n([A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{1,64}={0,2}\n-----END ${label}-----\n$`))

      const text = await runOpenssl(['pkey', '-noout', '-text', '-check'], pem)
      assert.ok(text.includes('Key is valid') && text.includes(openssl), text.slice(0, 80))
      const publicPem = createPublicKey({ key: Buffer.from(spkiDer), format: 'der', type: 'spki' }).export({ format: 'pem', type: 'spki' })
      assert.equal(await runOpenssl(['pkey', '-pubout'], pem), publicPem)
    })
  }

  it('makes another key each time', async () => {
    const [first, second] = await Promise.all([generateKeyPair('ECC_256'), generateKeyPair('ECC_256')])
    assert.notDeepEqual(first.spkiDer, second.spkiDer)
  })

  it('leaves the event loop free while it looks for RSA primes', { timeout: 60_000 }, async () => {
    let turns = 0
    const ticker = setInterval(() => turns++, 1)
    try {
      await Promise.all([generateKeyPair('RSA_3072'), generateKeyPair('RSA_3072')])
    } finally {
      clearInterval(ticker)
    }
    assert.ok(turns > 3, `${turns} turns`)
  })
})

describe('privateKeyPem', () => {
  it('reads a view into a larger buffer', async () => {
    const { pkcs8Der } = await generateKeyPair('ECC_256')
    const larger = Buffer.concat([Buffer.alloc(7), pkcs8Der, Buffer.alloc(9)])
    assert.equal(privateKeyPem(new Uint8Array(larger.buffer, larger.byteOffset + 7, pkcs8Der.length)), privateKeyPem(pkcs8Der))
  })

  it('refuses keys that are neither RSA nor EC, and what is no key', () => {
    const { privateKey } = generateKeyPairSync('ed25519', {
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    })
    assert.throws(() => privateKeyPem(privateKey), /ed25519/)
    assert.throws(() => privateKeyPem(Uint8Array.of(1, 2, 3)))
  })
})

describe('parseKeyAlgorithm', () => {
  it('knows the five algorithms by their exact names and nothing else', () => {
    for (const algorithm of keyAlgorithms) assert.equal(parseKeyAlgorithm(algorithm), algorithm)
    for (const text of ['', 'rsa_2048', 'RSA_1024', 'ECC_256 ', 'SM2', 'toString']) assert.equal(parseKeyAlgorithm(text), undefined)
  })
})

function runOpenssl(args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile('openssl', args, (error, stdout) => (error ? reject(error) : resolve(stdout)))
    child.stdin?.end(input)
  })
}
