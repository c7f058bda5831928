import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  assembleCertificate,
  buildTbsCertificate,
  encodeSerial,
  parseCertificate,
  parseTbsCertificateHead,
  readSerial,
  type CertificateFields,
} from '../../src/x509/certificate.ts'
import { DerError } from '../../src/x509/der-error.ts'
import { readDer } from '../../src/x509/der-reader.ts'
import { encodeInteger } from '../../src/x509/der-writer.ts'
import { encodeBasicConstraints, encodeKeyUsage, encodeSubjectAltName } from '../../src/x509/extensions.ts'
import { encodeName } from '../../src/x509/name.ts'
import { oids } from '../../src/x509/oid.ts'
import { findExtension, readBasicConstraints, readKeyUsage, readSubjectAltName } from '../../src/x509/read-extensions.ts'
import { generateTestKey, keyTypes, signWith } from './keys.ts'
import { runOpenssl } from './openssl.ts'

const spkiDer = Buffer.from(
  '3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
  'hex',
)

const fields: CertificateFields = {
  serial: '40112233445566778899aabbccddeeff',
  signatureAlgorithm: 'ecdsa-with-SHA256',
  issuerDer: encodeName({ commonName: 'ca' }),
  notBefore: Date.UTC(2026, 10, 24),
  notAfter: Date.UTC(2050, 0, 1),
  subjectDer: encodeName({}),
  spkiDer,
  extensions: [
    encodeKeyUsage(['digitalSignature']),
    encodeBasicConstraints({ ca: false }),
    encodeSubjectAltName(['a.example'], 'empty subject'),
  ],
}

test('a TBSCertificate has exactly these octets (RFC 5280 4.1)', () => {
  const golden = [
    '3081ec',
    'a003020102',
    '021040112233445566778899aabbccddeeff',
    '300a06082a8648ce3d040302',
    '300d310b300906035504030c026361',
    '3020170d3236313132343030303030305a180f32303530303130313030303030305a',
    '3000',
    spkiDer.toString('hex'),
    'a339',
    '3037',
    '300e0603551d0f0101ff040403020780',
    '300c0603551d130101ff04023000',
    '30170603551d110101ff040d300b8209612e6578616d706c65',
  ].join('')
  assert.equal(Buffer.from(buildTbsCertificate(fields)).toString('hex'), golden)
})

for (const type of keyTypes) {
  test(`a certificate signed by ${type} is read by node:crypto and openssl as by ourselves`, async () => {
    const key = generateTestKey(type)
    const issuerDer = encodeName({ commonName: 'self' })
    const extensions = [encodeBasicConstraints({ ca: true, pathLength: 3 }), encodeKeyUsage(['keyCertSign', 'cRLSign'])]
    const tbsDer = buildTbsCertificate({
      ...fields,
      issuerDer,
      subjectDer: issuerDer,
      spkiDer: key.spkiDer,
      signatureAlgorithm: key.algorithm,
      extensions,
    })
    const der = assembleCertificate(tbsDer, key.algorithm, signWith(key, tbsDer))
    const node = new X509Certificate(der)
    assert.ok(node.verify(node.publicKey))
    assert.equal(node.serialNumber, fields.serial.toUpperCase())
    assert.equal(node.validToDate.getTime(), fields.notAfter)
    assert.match(await runOpenssl(['x509', '-in', '@c', '-inform', 'DER', '-noout', '-text'], { c: der }), /CA:TRUE, pathlen:3/)
    const own = parseCertificate(der)
    assert.equal(own.serial, fields.serial)
    assert.equal(own.signatureAlgorithm.name, key.algorithm)
    assert.deepEqual(own.subject.attributes, [{ type: oids.commonName, text: 'self' }])
    assert.deepEqual([own.notBefore, own.notAfter], [fields.notBefore, fields.notAfter])
    assert.deepEqual(findExtension(own.extensions, oids.basicConstraints, readBasicConstraints), { ca: true, pathLength: 3 })
    assert.deepEqual(findExtension(own.extensions, oids.keyUsage, readKeyUsage), ['keyCertSign', 'cRLSign'])
    assert.equal(findExtension(own.extensions, oids.subjectAltName, readSubjectAltName), undefined)
    assert.equal(Buffer.compare(own.tbsDer, tbsDer), 0)
  })
}

test('the head of a TBSCertificate is read without the rest', () => {
  const head = parseTbsCertificateHead(buildTbsCertificate(fields))
  assert.deepEqual([head.serial, head.notBefore, head.notAfter], [fields.serial, fields.notBefore, fields.notAfter])
  assert.equal(Buffer.compare(head.issuer.der, fields.issuerDer), 0)
  assert.equal(head.signatureAlgorithm.name, 'ecdsa-with-SHA256')
})

test('serial numbers are positive, minimal and read back for any octets (RFC 5280 4.1.2.2)', () => {
  const octets = fc.uint8Array({ minLength: 1, maxLength: 19 }).filter((each) => each.some((octet) => octet !== 0))
  fc.assert(
    fc.property(octets, (each) => {
      const { content } = readDer(encodeSerial(Buffer.from(each).toString('hex')))
      assert.ok((content[0] ?? 0xff) < 0x80)
      assert.ok(content.length === 1 || content[0] !== 0 || (content[1] ?? 0) >= 0x80)
      assert.equal(BigInt(`0x${Buffer.from(content).toString('hex')}`), BigInt(`0x${Buffer.from(each).toString('hex')}`))
    }),
  )
})

test('serial numbers of zero, beyond 20 octets or not hexadecimal are refused (RFC 5280 4.1.2.2)', () => {
  assert.doesNotThrow(() => encodeSerial('7f'.repeat(20)))
  for (const bad of ['', '0', '00', '80'.repeat(20), '11'.repeat(21), 'AB', 'xy', '-1']) {
    assert.throws(() => encodeSerial(bad), /serial number/, bad)
  }
  assert.throws(() => readSerial(readDer(encodeInteger(0))), DerError)
  assert.throws(() => readSerial(readDer(encodeInteger(2n ** 159n))), DerError)
  assert.throws(() => readSerial(readDer(Uint8Array.of(2, 1, 0x80))), DerError)
})

test('a certificate that ends before it begins is not built', () => {
  assert.throws(() => buildTbsCertificate({ ...fields, notAfter: fields.notBefore - 1000 }), /ends before/)
})

test('two different signature algorithms in one certificate are refused (RFC 5280 4.1.1.2)', () => {
  const tbsDer = buildTbsCertificate(fields)
  assert.doesNotThrow(() => parseCertificate(assembleCertificate(tbsDer, 'ecdsa-with-SHA256', Uint8Array.of(1))))
  assert.throws(() => parseCertificate(assembleCertificate(tbsDer, 'ecdsa-with-SHA384', Uint8Array.of(1))), DerError)
})

test('an extension that stands twice is refused (RFC 5280 4.2)', () => {
  const twice = [encodeKeyUsage(['digitalSignature']), encodeKeyUsage(['digitalSignature'])]
  const tbsDer = buildTbsCertificate({ ...fields, extensions: twice })
  assert.throws(() => parseCertificate(assembleCertificate(tbsDer, 'ecdsa-with-SHA256', Uint8Array.of(1))), /twice/)
})
