import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'
import fc from 'fast-check'
import { readUpload, type UploadTexts } from '../../src/certificates/read-upload.ts'
import { type ProblemName, Problem } from '../../src/problem.ts'
import { encodePem } from '../../src/x509/pem.ts'
import { runOpenssl } from '../x509/openssl.ts'
import { type KeyKind, makeAuthority, makeKey, type TestAuthority, type TestPair, traditionalKey } from './make-certificates.ts'

let root: TestAuthority
let middle: TestAuthority
let leaf: TestPair
let other: TestPair

before(async () => {
  root = await makeAuthority('A Root')
  middle = await root.subordinate('An Issuing CA', 'rsa')
  leaf = await middle.issue({ cn: 'www.example.com', names: ['www.example.com', 'example.com'], kind: 'rsa', organization: 'Example Ltd' })
  other = await middle.issue({ cn: 'other.example.com' })
})

/** The problem that an upload is refused with, and its message. */
function refusalOf(texts: UploadTexts): { problem: ProblemName; message: string } {
  try {
    readUpload(texts)
  } catch (error) {
    if (error instanceof Problem) return { problem: error.problem, message: error.message }
    throw error
  }
  assert.fail('the upload was taken')
}

describe('an upload', () => {
  it('is taken with the leaf alone, with its issuer, and with the whole chain; what it says is read', () => {
    for (const cert of [leaf.cert, leaf.cert + middle.cert, leaf.cert + middle.cert + root.cert]) {
      const { certificatePem, facts } = readUpload({ cert, key: leaf.key })
      assert.equal(certificatePem, cert)
      const { serial, sha1, sha256, not_before, not_after, ...rest } = facts
      assert.deepEqual(rest, {
        common_name: 'www.example.com',
        sans: 'www.example.com,example.com',
        issuer: 'An Issuing CA',
        organization: 'Example Ltd',
        country: 'CN',
        province: 'Zhejiang',
        city: 'Hangzhou',
        algorithm: 'RSA',
        key_size: 2048,
        sign_algorithm: 'SHA256withRSA',
      })
      const seen = new X509Certificate(leaf.cert)
      assert.deepEqual(
        [serial, sha1, sha256].map((text) => text.toUpperCase()),
        [seen.serialNumber, seen.fingerprint.replaceAll(':', ''), seen.fingerprint256.replaceAll(':', '')],
      )
      assert.deepEqual([not_before, not_after], [Date.parse(seen.validFrom), Date.parse(seen.validTo)])
    }
  })

  for (const kind of ['rsa', 'ec', 'p384', 'sm2'] as const satisfies KeyKind[]) {
    it(`takes a key of kind ${kind} as PKCS #8 and in its older form, and keeps the form`, async () => {
      const pair = await root.issue({ cn: `${kind}.example.com`, kind })
      for (const key of [pair.key, await traditionalKey(pair.key)]) {
        assert.equal(readUpload({ cert: pair.cert, key }).keyPem, key)
      }
      assert.equal(readUpload({ ...pair }).facts.algorithm, { rsa: 'RSA', ec: 'ECC', p384: 'ECC', sm2: 'SM2' }[kind])
    })
  }

  it('takes an EC key behind its parameters, as openssl ecparam writes it', async () => {
    const pair = await root.issue({ cn: 'parameters.example.com' })
    const parameters = await runOpenssl(['ecparam', '-name', 'prime256v1'])
    const key = await traditionalKey(pair.key)
    assert.equal(readUpload({ cert: pair.cert, key: parameters + key }).keyPem, key)
  })

  it('takes a key under another label, and gives it the one that fits', async () => {
    const ec = await root.issue({ cn: 'labels.example.com' })
    for (const pair of [leaf, ec]) {
      const right = await traditionalKey(pair.key)
      const [, label = ''] = /BEGIN ([A-Z ]+)-/.exec(right) ?? []
      assert.equal(readUpload({ cert: pair.cert, key: pair.key.replaceAll('PRIVATE KEY', label) }).keyPem, pair.key)
      assert.equal(readUpload({ cert: pair.cert, key: right.replaceAll(label, 'PRIVATE KEY') }).keyPem, right)
    }
  })

  it('takes what is signed with algorithms that this service never uses, if the crypto library can tell', async () => {
    const edwards = await makeAuthority('An Edwards CA', 'ed25519')
    const pair = await edwards.issue({ cn: 'edwards.example.com' })
    assert.equal(readUpload({ cert: pair.cert + edwards.cert, key: pair.key }).facts.issuer, 'An Edwards CA')
  })

  const manglings: Readonly<Record<string, (pem: string) => string>> = {
    'CRLF line ends': (pem) => pem.replaceAll('\n', '\r\n'),
    'CR line ends': (pem) => pem.replaceAll('\n', '\r'),
    'line breaks that became blanks': (pem) => pem.replaceAll('\n', ' '),
    'line breaks that got lost': (pem) => pem.replaceAll('\n', ''),
    'line breaks written as \\n': (pem) => pem.replaceAll('\n', '\\n'),
    'line breaks written as \\r\\n': (pem) => pem.replaceAll('\n', '\\r\\n'),
    'quotes around it': (pem) => `"${pem.replaceAll('\n', '\\n')}"`,
    'blanks around lines and text between blocks': (pem) => `subject: CN = x\n${pem.replaceAll('\n', ' \n\t')}\nthe end\n`,
    'one long line of Base64': (pem) => pem.replaceAll(/([^-])\n(?!-)/g, '$1'),
  }
  for (const [what, mangle] of Object.entries(manglings)) {
    it(`takes PEM with ${what}, and stores it clean`, () => {
      const { certificatePem, keyPem } = readUpload({ cert: mangle(leaf.cert + middle.cert), key: mangle(leaf.key) })
      assert.deepEqual([certificatePem, keyPem], [leaf.cert + middle.cert, leaf.key])
    })
  }

  it('with a plus sign that became a blank is refused: what was lost is not guessed', () => {
    const mangled = leaf.cert.replace(/[A-Za-z0-9/]/g, '$&').replaceAll('+', ' ')
    assert.ok(mangled !== leaf.cert, 'the certificate holds a plus sign')
    assert.equal(refusalOf({ cert: mangled, key: leaf.key }).problem, 'certificateFormat')
  })

  it('is refused or is the certificate itself, however it is cut or changed', () => {
    const put = fc.constantFrom('', ' ', 'A', '=', '\n', '-', '\\n', '\u00e9')
    fc.assert(
      fc.property(fc.nat(leaf.cert.length - 1), put, (place, text) => {
        // The issuer's signature tells what was changed inside.
        const changed = leaf.cert.slice(0, place) + text + leaf.cert.slice(place + 1) + middle.cert
        try {
          assert.equal(readUpload({ cert: changed, key: leaf.key }).certificatePem, leaf.cert + middle.cert)
        } catch (error) {
          assert.ok(error instanceof Problem, String(error))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('is refused or paired with the key, whatever one octet of a lone leaf becomes', () => {
    const der = new X509Certificate(leaf.cert).raw
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
        const changed = Buffer.from(der)
        changed[place] = (changed[place] ?? 0) ^ flip
        try {
          const { certificatePem } = readUpload({ cert: encodePem('CERTIFICATE', changed), key: leaf.key })
          assert.ok(new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(leaf.key)))
        } catch (error) {
          assert.ok(error instanceof Problem, String(error))
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('an upload is refused', () => {
  const cases: readonly (readonly [title: string, texts: () => UploadTexts | Promise<UploadTexts>, problem: ProblemName, says: RegExp])[] =
    [
      ['without anything', () => ({}), 'missingParameter', /^Cert is/],
      ['without a key', () => ({ cert: leaf.cert }), 'missingParameter', /^Key is/],
      ['without a certificate', () => ({ key: leaf.key }), 'missingParameter', /^Cert is/],
      ['with a key that is no PEM', () => ({ cert: leaf.cert, key: 'no PEM' }), 'privateKeyFormat', /Key is not valid. It is not PEM/],
      ['with a key cut off', () => ({ cert: leaf.cert, key: leaf.key.slice(0, 300) }), 'privateKeyFormat', /not PEM/],
      [
        'with a key whose octets are wrong',
        () => ({ cert: leaf.cert, key: leaf.key.replace(/MII/, 'NII') }),
        'privateKeyFormat',
        /no private key/,
      ],
      ['with two keys', () => ({ cert: leaf.cert, key: leaf.key + other.key }), 'privateKeyFormat', /Exactly one/],
      ['with the certificate as its key', () => ({ cert: leaf.cert, key: leaf.cert }), 'privateKeyFormat', /Exactly one/],
      [
        'with a public key',
        async () => ({ cert: leaf.cert, key: await runOpenssl(['pkey', '-in', '@k', '-pubout'], { k: leaf.key }) }),
        'privateKeyFormat',
        /Exactly one/,
      ],
      [
        'with an encrypted key (PKCS #8)',
        async () => ({ cert: other.cert, key: await encrypted('pkcs8') }),
        'privateKeyFormat',
        /encrypted/,
      ],
      [
        'with an encrypted key (RFC 1421)',
        async () => ({ cert: other.cert, key: await encrypted('traditional') }),
        'privateKeyFormat',
        /encrypted/,
      ],
      [
        'with an encrypted key, though the certificate is bad too',
        async () => ({ cert: 'bad', key: await encrypted('pkcs8') }),
        'privateKeyFormat',
        /encrypted/,
      ],
      [
        'with a key of more than 32,768 characters',
        () => ({ cert: leaf.cert, key: leaf.key + ' '.repeat(32_768) }),
        'privateKeyFormat',
        /32768/,
      ],
      [
        'with a certificate that is no PEM',
        () => ({ cert: 'MIIB', key: leaf.key }),
        'certificateFormat',
        /Cert is not valid.*no PEM block/,
      ],
      ['with a certificate cut off', () => ({ cert: leaf.cert.slice(0, 500), key: leaf.key }), 'certificateFormat', /has no end/],
      ['with a key inside the certificate', () => ({ cert: leaf.cert + leaf.key, key: leaf.key }), 'certificateFormat', /no certificate/],
      [
        'with a CSR as the certificate',
        async () => ({ cert: await runOpenssl(['req', '-new', '-key', '@k', '-subj', '/CN=x'], { k: leaf.key }), key: leaf.key }),
        'certificateFormat',
        /no certificate/,
      ],
      [
        'with a certificate of more than 131,072 characters',
        () => ({ cert: leaf.cert + ' '.repeat(131_072), key: leaf.key }),
        'certificateFormat',
        /131072/,
      ],
      [
        'with more than ten certificates',
        () => ({ cert: leaf.cert + middle.cert.repeat(10), key: leaf.key }),
        'certificateFormat',
        /more than 10/,
      ],
      ['with a NUL in its name', () => ({ cert: withNul(leaf.cert), key: leaf.key }), 'certificateFormat', /control characters/],
      [
        'with an Ed25519 key',
        async () => ({ ...(await root.issue({ cn: 'ed.example.com', kind: 'ed25519' })) }),
        'certificateFormat',
        /none of RSA/,
      ],
      [
        'with a key on another curve',
        async () => ({ ...(await root.issue({ cn: 'k1.example.com', kind: 'secp256k1' })) }),
        'certificateFormat',
        /none of RSA/,
      ],
      [
        'with the key of another certificate',
        () => ({ cert: leaf.cert, key: other.key }),
        'certificateKeyMismatch',
        /Key is not the one.*Cert/,
      ],
      ['with another key of the same kind', async () => ({ cert: leaf.cert, key: await makeKey('rsa') }), 'certificateKeyMismatch', /Key/],
      ['with the issuer first', () => ({ cert: middle.cert + leaf.cert, key: leaf.key }), 'certificateKeyMismatch', /first certificate/],
      [
        'with the root before the issuing CA',
        () => ({ cert: leaf.cert + root.cert + middle.cert, key: leaf.key }),
        'certificateChainMismatch',
        /Certificate 1 is not issued by certificate 2/,
      ],
      ['with a CA missing in the middle', () => ({ cert: leaf.cert + root.cert, key: leaf.key }), 'certificateChainMismatch', /1 is not/],
      ['with another leaf as the issuer', () => ({ cert: leaf.cert + other.cert, key: leaf.key }), 'certificateChainMismatch', /1 is not/],
      ['with the leaf twice', () => ({ cert: leaf.cert + leaf.cert, key: leaf.key }), 'certificateChainMismatch', /1 is not/],
      [
        'with something after the root',
        () => ({ cert: leaf.cert + middle.cert + root.cert + middle.cert, key: leaf.key }),
        'certificateChainMismatch',
        /Certificate 3/,
      ],
      [
        'with an issuer of the same name and another key',
        async () => ({ cert: leaf.cert + (await root.subordinate('An Issuing CA', 'rsa')).cert, key: leaf.key }),
        'certificateChainMismatch',
        /1 is not/,
      ],
    ]
  for (const [title, texts, problem, says] of cases) {
    it(`${title}: ${problem}`, async () => {
      const given = await texts()
      const refusal = refusalOf(given)
      assert.equal(refusal.problem, problem, refusal.message)
      assert.match(refusal.message, says)
      // No line of a key shows in what is told.
      for (const line of (given.key ?? '').split('\n').filter((text) => /^[A-Za-z0-9+/]{20,}/.test(text))) {
        assert.ok(!refusal.message.includes(line.slice(0, 20)))
      }
    })
  }

  /** A letter of the subject's CN becomes a NUL; nobody asks for the signature of a lone leaf. */
  function withNul(pem: string): string {
    const der = Buffer.from(new X509Certificate(pem).raw)
    der[der.indexOf('www.example.com') + 2] = 0
    return encodePem('CERTIFICATE', der)
  }

  async function encrypted(form: 'pkcs8' | 'traditional'): Promise<string> {
    const args = ['pkey', '-in', '@k', '-aes256', '-passout', 'pass:secret']
    return await runOpenssl(form === 'pkcs8' ? args : [...args, '-traditional'], { k: other.key })
  }
})

describe('a pair of SM2', () => {
  let sm2: TestAuthority
  let sign: TestPair
  let encrypt: TestPair
  before(async () => {
    sm2 = await makeAuthority('An SM2 CA', 'sm2')
    const request = { cn: 'sm2.example.com', kind: 'sm2' } as const
    sign = await sm2.issue({ ...request, extensions: ['keyUsage=critical,digitalSignature'] })
    encrypt = await sm2.issue({ ...request, extensions: ['keyUsage=critical,keyEncipherment,dataEncipherment,keyAgreement'] })
  })
  const pair = () => ({ signCert: sign.cert, signPrivateKey: sign.key, encryptCert: encrypt.cert, encryptPrivateKey: encrypt.key })

  it('is taken with keys in both forms, with and without its CA', async () => {
    const taken = readUpload({ ...pair(), encryptPrivateKey: await traditionalKey(encrypt.key), signCert: sign.cert + sm2.cert })
    assert.deepEqual([taken.certificatePem, taken.keyPem], [sign.cert + sm2.cert, sign.key])
    assert.equal(taken.encrypt?.certificatePem, encrypt.cert)
    assert.match(taken.encrypt?.keyPem ?? '', /BEGIN SM2 PRIVATE KEY/)
    assert.deepEqual([taken.facts.algorithm, taken.facts.key_size, taken.facts.common_name], ['SM2', 256, 'sm2.example.com'])
    assert.equal(taken.facts.sign_algorithm, 'SM3withSM2')
  })

  it('is taken with the label that other tools give SEC 1 keys', async () => {
    const relabelled = (await traditionalKey(sign.key)).replaceAll('SM2 PRIVATE', 'EC PRIVATE')
    assert.equal(readUpload({ ...pair(), signPrivateKey: relabelled }).keyPem, relabelled)
    assert.ok(createPrivateKey(relabelled))
  })

  it('is ignored where Cert and Key are given', () => {
    const taken = readUpload({ cert: leaf.cert, key: leaf.key, ...pair(), signCert: 'bad' })
    assert.deepEqual([taken.encrypt, taken.certificatePem], [undefined, leaf.cert])
  })

  const refusals: readonly (readonly [string, () => Partial<Record<keyof UploadTexts, string | undefined>>, ProblemName, RegExp])[] = [
    ['a certificate to sign with missing', () => ({ signCert: undefined }), 'missingParameter', /^SignCert/],
    ['a key to sign with missing', () => ({ signPrivateKey: undefined }), 'missingParameter', /^SignPrivateKey/],
    ['a certificate to encrypt with missing', () => ({ encryptCert: undefined }), 'missingParameter', /^EncryptCert/],
    ['a key to encrypt with missing', () => ({ encryptPrivateKey: undefined }), 'missingParameter', /^EncryptPrivateKey/],
    ['Cert beside it and no Key', () => ({ cert: leaf.cert }), 'missingParameter', /^Key/],
    ['keys mixed up', () => ({ signPrivateKey: encrypt.key, encryptPrivateKey: sign.key }), 'certificateKeyMismatch', /SignPrivateKey/],
    [
      'the two pairs mixed up',
      () => ({ signCert: encrypt.cert, signPrivateKey: encrypt.key }),
      'certificateFormat',
      /SignCert is not valid. Its key may not sign/,
    ],
    [
      'the signing pair twice',
      () => ({ encryptCert: sign.cert, encryptPrivateKey: sign.key }),
      'certificateFormat',
      /EncryptCert.*may not encrypt/,
    ],
    [
      'a certificate that is not of SM2',
      () => ({ encryptCert: leaf.cert, encryptPrivateKey: leaf.key }),
      'certificateFormat',
      /EncryptCert.*not an SM2 key/,
    ],
    [
      'an encrypted key',
      () => ({ encryptPrivateKey: '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n' }),
      'privateKeyFormat',
      /EncryptPrivateKey.*encrypted/,
    ],
  ]
  for (const [title, change, problem, says] of refusals) {
    it(`with ${title} is refused: ${problem}`, () => {
      const refusal = refusalOf({ ...pair(), ...change() })
      assert.equal(refusal.problem, problem, refusal.message)
      assert.match(refusal.message, says)
    })
  }

  it('of two subjects is refused', async () => {
    const stranger = await sm2.issue({ cn: 'stranger.example.com', kind: 'sm2' })
    const refusal = refusalOf({ ...pair(), encryptCert: stranger.cert, encryptPrivateKey: stranger.key })
    assert.match(refusal.message, /another subject/)
  })
})
