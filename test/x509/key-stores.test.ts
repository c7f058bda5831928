import assert from 'node:assert/strict'
import { createDecipheriv, createHash, createHmac, pbkdf2Sync, randomBytes, X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'
import fc from 'fast-check'
import { readChildren, readDer, readFields, type DerValue } from '../../src/x509/der-reader.ts'
import { readOctetString, readSmallInteger } from '../../src/x509/der-values.ts'
import { contextTag, tags } from '../../src/x509/der-writer.ts'
import { encodeJks } from '../../src/x509/jks.ts'
import { readOid } from '../../src/x509/oid.ts'
import { decodeOnlyPem, decodePem } from '../../src/x509/pem.ts'
import { encodePkcs12, type KeyStoreContent } from '../../src/x509/pkcs12.ts'
import { makeAuthority } from '../certificates/make-certificates.ts'
import { canRunKeytool, importKeyStore, listKeyStore } from '../support/keytool.ts'
import { runOpenssl } from './openssl.ts'

const surroundings = { randomBytes: (length: number) => randomBytes(length), pause: () => Promise.resolve(), now: 1_800_000_000_000 }
const password = 'pass "word" 1!'
const stores = new Map<string, KeyStoreContent & { readonly keyPem: string }>()

before(async () => {
  const root = await makeAuthority('A root')
  const ca = await root.subordinate('A CA')
  for (const kind of ['rsa', 'ec', 'p384'] as const) {
    const { cert, key } = await ca.issue({ cn: `${kind}.example.com`, kind })
    const certificates = [cert, ca.cert].map((pem) => decodeOnlyPem(pem, 'CERTIFICATE'))
    stores.set(kind, { pkcs8Der: decodeOnlyPem(key, 'PRIVATE KEY'), certificates, password, alias: 'certificate', keyPem: key })
  }
})

const printable = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 6,
  maxLength: 64,
})
const octets = (minLength: number) => fc.uint8Array({ minLength, maxLength: 3_000 })
const byText = (a: string, b: string): number => a.localeCompare(b)
const anyContent = fc.record({
  pkcs8Der: octets(1),
  certificates: fc.array(octets(1), { minLength: 1, maxLength: 4 }),
  password: printable,
  alias: fc.constantFrom('certificate', 'a', 'www.example.com'),
})

describe('a JKS key store', () => {
  it('holds what was put into it, whatever that is, and only its password opens it', () => {
    fc.assert(
      fc.property(anyContent, (content) => {
        const read = readJks(encodeJks(content, surroundings), content.password)
        assert.deepEqual(
          [read.alias, read.at, read.key, read.certificates],
          [content.alias, surroundings.now, Buffer.from(content.pkcs8Der), content.certificates.map((der) => Buffer.from(der))],
        )
        assert.throws(() => readJks(encodeJks(content, surroundings), `${content.password}x`), /digest/)
      }),
    )
  })

  for (const kind of ['rsa', 'ec', 'p384']) {
    it(`of ${kind} is read by keytool: chain in order, key the same`, async (t) => {
      if (!canRunKeytool('JKS files with keytool')) return t.skip()
      const content = stores.get(kind) ?? assert.fail()
      await assertReadByKeytool(encodeJks(content, surroundings), content)
    })
  }
})

describe('a PKCS #12 file', () => {
  it('holds what was put into it, whatever that is, and its MAC is right (RFC 7292)', async () => {
    await fc.assert(
      fc.asyncProperty(anyContent, async (content) => {
        const read = readPkcs12(await encodePkcs12(content, surroundings), content.password)
        assert.deepEqual(read.key, Buffer.from(content.pkcs8Der))
        assert.deepEqual(read.certificates, content.certificates.map((der) => Buffer.from(der))) // prettier-ignore
      }),
      { numRuns: 8 },
    )
  })

  for (const kind of ['rsa', 'ec', 'p384']) {
    it(`of ${kind} is read by openssl: chain in order, key the same, nothing old in it`, async () => {
      const content = stores.get(kind) ?? assert.fail()
      const store = await encodePkcs12(content, surroundings)
      const shown = await runOpenssl(['pkcs12', '-in', '@store', '-passin', `pass:${password}`, '-nodes', '-info'], { store })
      const blocks = decodePem(shown).map(({ label, der }) => [label, Buffer.from(der).toString('hex')])
      const [leaf, ca] = content.certificates.map((der) => Buffer.from(der).toString('hex'))
      assert.deepEqual(
        blocks.map(String).toSorted(byText),
        [
          ['CERTIFICATE', leaf],
          ['CERTIFICATE', ca],
          ['PRIVATE KEY', Buffer.from(content.pkcs8Der).toString('hex')],
        ]
          .map(String)
          .toSorted(byText),
      )
      assert.deepEqual(blocks.filter(([label]) => label === 'CERTIFICATE').map(([, der]) => der), [leaf, ca]) // prettier-ignore
      const asked = shown.match(/PBES2.*/g) ?? []
      assert.equal(asked.length, 2)
      for (const line of asked) assert.match(line, /PBES2, PBKDF2, AES-256-CBC, Iteration 100000, PRF hmacWithSHA256/)
      assert.match(shown, /MAC: sha256, Iteration 100000/)
      const wrong = runOpenssl(['pkcs12', '-in', '@store', '-passin', 'pass:another', '-nodes'], { store })
      await assert.rejects(wrong, /Mac verify error/i)
    })

    it(`of ${kind} is read by keytool: chain in order, key the same`, async (t) => {
      if (!canRunKeytool('PKCS #12 files with keytool')) return t.skip()
      const content = stores.get(kind) ?? assert.fail()
      await assertReadByKeytool(await encodePkcs12(content, surroundings), content)
    })
  }

  it('is refused without a certificate, and under a password that programs read in different ways', async () => {
    const content = stores.get('ec') ?? assert.fail()
    for (const change of [{ certificates: [] }, { password: 'Größe8' }, { password: 'a\nb456' }]) {
      await assert.rejects(encodePkcs12({ ...content, ...change }, surroundings))
      assert.throws(() => encodeJks({ ...content, ...change }, surroundings))
    }
  })
})

async function assertReadByKeytool(store: Uint8Array, content: KeyStoreContent & { readonly keyPem: string }): Promise<void> {
  const listed = await listKeyStore(store, content.password)
  assert.match(listed, /Alias name: certificate\n/)
  assert.match(listed, /Entry type: PrivateKeyEntry\nCertificate chain length: 2\n/)
  const chain = listed.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  assert.deepEqual(
    chain.map((pem) => new X509Certificate(pem).raw),
    content.certificates.map((der) => Buffer.from(der)),
  )
  const taken = await importKeyStore(store, content.password)
  const shown = await runOpenssl(['pkcs12', '-in', '@store', '-passin', `pass:${content.password}`, '-nodes', '-nocerts'], { store: taken })
  assert.deepEqual(Buffer.from(decodeOnlyPem(shown, 'PRIVATE KEY')), Buffer.from(content.pkcs8Der))
}

/** Reads a store with one key as OpenJDK does. */
function readJks(store: Uint8Array, secret: string) {
  const octets = Buffer.from(store)
  const passwordOctets = Buffer.from(secret, 'utf16le').swap16()
  const body = octets.subarray(0, -20)
  const digest = createHash('sha1').update(passwordOctets).update('Mighty Aphrodite').update(body).digest()
  if (!digest.equals(octets.subarray(-20))) throw new Error('wrong digest')
  let at = 0
  const int = () => octets.readUInt32BE((at += 4) - 4)
  const bytes = (length: number) => octets.subarray(at, (at += length))
  const text = () => bytes(octets.readUInt16BE((at += 2) - 2)).toString()
  assert.deepEqual([int(), int(), int(), int()], [0xfeedfeed, 2, 1, 1])
  const alias = text()
  const instant = Number(octets.readBigUInt64BE((at += 8) - 8))
  const info = readFields(readDer(bytes(int())))
  const algorithm = readFields(info.take(tags.sequence))
  assert.equal(readOid(algorithm.take(tags.oid)), '1.3.6.1.4.1.42.2.17.1.1')
  const sealed = Buffer.from(readOctetString(info.take(tags.octetString)))
  const masked = sealed.subarray(20, -20)
  let stream: Buffer = sealed.subarray(0, 20)
  const key = Buffer.alloc(masked.length)
  for (let start = 0; start < masked.length; start += 20) {
    stream = createHash('sha1').update(passwordOctets).update(stream).digest()
    for (let i = start; i < Math.min(start + 20, masked.length); i += 1) key[i] = (masked[i] ?? 0) ^ (stream[i - start] ?? 0)
  }
  assert.deepEqual(sealed.subarray(-20), createHash('sha1').update(passwordOctets).update(key).digest())
  const certificates = Array.from({ length: int() }, () => {
    assert.equal(text(), 'X.509')
    return bytes(int())
  })
  assert.equal(at, body.length)
  return { alias, at: instant, key, certificates }
}

/** Reads a file of the one form that is written, the MAC's key by the general derivation of RFC 7292 appendix B.2. */
function readPkcs12(store: Uint8Array, secret: string) {
  const pfx = readFields(readDer(store))
  assert.equal(readSmallInteger(pfx.take(tags.integer)), 3)
  const safe = readData(pfx.take(tags.sequence))
  const mac = readFields(pfx.take(tags.sequence))
  pfx.end()
  const [, digest] = readChildren(mac.take(tags.sequence))
  const salt = readOctetString(mac.take(tags.octetString))
  const macKey = derive(secret, salt, readSmallInteger(mac.take(tags.integer)))
  assert.deepEqual(Buffer.from(digest?.content ?? []), createHmac('sha256', macKey).update(safe).digest())
  const [certInfo, keyInfo] = readChildren(readDer(safe))
  assert.ok(certInfo !== undefined && keyInfo !== undefined)
  // EncryptedData: a version, then type, algorithm and octets.
  const [, algorithm, octets] = readChildren(readChildren(only(readChildren(certInfo)[1]))[1] ?? assert.fail())
  const bags = readChildren(readDer(decrypt(algorithm, octets?.content, secret)))
  const certificates = bags.map((bag) => {
    const [, value] = readChildren(only(readChildren(bag)[1]))
    return Buffer.from(readOctetString(only(value)))
  })
  const [keyBag] = readChildren(readDer(readData(keyInfo)))
  const [keyAlgorithm, keyOctets] = readChildren(only(readChildren(keyBag ?? assert.fail())[1]))
  return { certificates, key: decrypt(keyAlgorithm, keyOctets?.content, secret) }
}

/** What lies in an explicit tag 0. */
function only(value: DerValue | undefined): DerValue {
  assert.equal(value?.tag, contextTag(0, 'constructed'))
  const [inner] = value === undefined ? [] : readChildren(value)
  return inner ?? assert.fail('nothing in the tag')
}

function readData(info: DerValue): Uint8Array {
  const [type, value] = readChildren(info)
  assert.equal(readOid(type ?? assert.fail()), '1.2.840.113549.1.7.1')
  return readOctetString(only(value))
}

function decrypt(algorithm: DerValue | undefined, octets: Uint8Array | undefined, secret: string): Buffer {
  const [, parameters] = readChildren(algorithm ?? assert.fail())
  const [derivation, cipher] = readChildren(parameters ?? assert.fail())
  const [salt, iterations] = readChildren(readChildren(derivation ?? assert.fail())[1] ?? assert.fail())
  const iv = readChildren(cipher ?? assert.fail())[1]?.content ?? assert.fail()
  const key = pbkdf2Sync(secret, salt?.content ?? assert.fail(), readSmallInteger(iterations ?? assert.fail()), 32, 'sha256')
  const opened = createDecipheriv('aes-256-cbc', key, iv)
  return Buffer.concat([opened.update(octets ?? assert.fail()), opened.final()])
}

function derive(secret: string, salt: Uint8Array, iterations: number): Buffer {
  const repeat = (part: Uint8Array) => Array.from({ length: Math.ceil(part.length / 64) * 64 }, (_, i) => part[i % part.length] ?? 0)
  const bmp = Buffer.concat([Buffer.from(secret, 'utf16le').swap16(), Buffer.alloc(2)])
  let made: Buffer = Buffer.from([...Buffer.alloc(64, 3), ...repeat(salt), ...repeat(bmp)])
  for (let i = 0; i < iterations; i += 1) made = createHash('sha256').update(made).digest()
  return made
}
