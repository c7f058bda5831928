import 'reflect-metadata'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509'
import { verifyCertificationRequest } from '../../src/ca/verify-signature.ts'
import {
  assembleCertificationRequest,
  buildCertificationRequestInfo,
  parseCertificationRequest,
  type CertificationRequest,
} from '../../src/x509/csr.ts'
import { DerError } from '../../src/x509/der-error.ts'
import { contextTag, encodeInteger, encodeSequence, encodeTlv, tags } from '../../src/x509/der-writer.ts'
import { encodeExtensionRequest, encodeSubjectAltName } from '../../src/x509/extensions.ts'
import { encodeName, type DistinguishedName } from '../../src/x509/name.ts'
import { encodeOid, oids } from '../../src/x509/oid.ts'
import { decodeOnlyPem } from '../../src/x509/pem.ts'
import { generateTestKey, keyTypes, signWith, type TestKey } from './keys.ts'
import { runOpenssl } from './openssl.ts'

const dnsNames = ['example.com', '*.example.com', 'xn--bcher-kva.example']

const request = (key: TestKey, subject: DistinguishedName, names: readonly string[]): Uint8Array => {
  const infoDer = buildCertificationRequestInfo({ subject, spkiDer: key.spkiDer, dnsNames: names })
  return assembleCertificationRequest(infoDer, key.algorithm, signWith(key, infoDer))
}

const flipLastBit = (octets: Uint8Array): Uint8Array => octets.map((octet, i) => (i === octets.length - 1 ? octet ^ 1 : octet))

for (const type of keyTypes) {
  test(`a CSR of ${type} is accepted by openssl and @peculiar/x509 and read back (RFC 2986)`, async () => {
    const key = generateTestKey(type)
    const der = request(key, { country: 'CH', organization: 'Größe & Söhne', commonName: 'example.com' }, dnsNames)
    const shown = await runOpenssl(
      ['req', '-in', '@csr', '-inform', 'DER', '-verify', '-noout', '-text', '-nameopt', 'utf8,sep_comma_plus_space'],
      { csr: der },
    )
    assert.match(shown, /verify OK/)
    assert.match(shown, /Subject: C=CH, O=Größe & Söhne, CN=example\.com/)
    assert.match(shown, /DNS:example\.com, DNS:\*\.example\.com, DNS:xn--bcher-kva\.example/)
    const foreign = new Pkcs10CertificateRequest(Buffer.from(der))
    assert.ok(await foreign.verify())
    const san = foreign.getExtensions(oids.subjectAltName)[0]
    assert.ok(san instanceof SubjectAlternativeNameExtension)
    assert.deepEqual(
      san.names.items.map(({ value }) => value),
      dnsNames,
    )
    const own = parseCertificationRequest(der)
    assert.ok(await verifyCertificationRequest(own))
    assert.equal(own.commonName, 'example.com')
    assert.deepEqual(own.subjectAltName, { dnsNames, ipAddresses: [], otherNames: 0 })
    assert.equal(Buffer.compare(own.publicKey.der, key.spkiDer), 0)
  })
}

test('a CSR without names has an empty set of attributes, which openssl accepts (RFC 2986 4.1)', async () => {
  const der = request(generateTestKey('P-256'), {}, [])
  assert.match(await runOpenssl(['req', '-in', '@csr', '-inform', 'DER', '-verify', '-noout', '-text'], { csr: der }), /verify OK/)
  const own = parseCertificationRequest(der)
  assert.equal(own.commonName, undefined)
  assert.deepEqual(own.subjectAltName.dnsNames, [])
})

test('a CSR made by openssl is read: names of other types are counted, other attributes passed over', async () => {
  const config = [
    '[req]',
    'distinguished_name=dn',
    'attributes=attrs',
    'prompt=no',
    '[dn]',
    'CN=a.example',
    '[attrs]',
    'challengePassword=secret',
    'unstructuredName=some name',
  ].join('\n')
  const key = generateTestKey('P-256').privateKey.export({ format: 'pem', type: 'pkcs8' })
  const names = 'subjectAltName=DNS:a.example,DNS:b.example,IP:192.0.2.1,IP:2001:db8:0:0:0:0:0:1,email:a@a.example,URI:https://a.example'
  const pem = await runOpenssl(['req', '-new', '-config', '@config', '-key', '@key', '-addext', names], { config, key })
  const own = parseCertificationRequest(decodeOnlyPem(pem, 'CERTIFICATE REQUEST'))
  assert.ok(await verifyCertificationRequest(own))
  assert.equal(own.commonName, 'a.example')
  assert.deepEqual(own.subjectAltName, {
    dnsNames: ['a.example', 'b.example'],
    ipAddresses: ['192.0.2.1', '2001:db8::1'],
    otherNames: 2,
  })
})

test('a CSR for addresses carries iPAddresses, as openssl shows them (RFC 8738 section 3)', async () => {
  const key = generateTestKey('P-256')
  const ipAddresses = ['192.0.2.1', '2001:db8::1']
  const infoDer = buildCertificationRequestInfo({ subject: {}, spkiDer: key.spkiDer, dnsNames: [], ipAddresses })
  const der = assembleCertificationRequest(infoDer, key.algorithm, signWith(key, infoDer))
  const shown = await runOpenssl(['req', '-in', '@csr', '-inform', 'DER', '-verify', '-noout', '-text'], { csr: der })
  assert.match(shown, /IP Address:192\.0\.2\.1, IP Address:2001:DB8:0:0:0:0:0:1/)
  assert.deepEqual(parseCertificationRequest(der).subjectAltName, { dnsNames: [], ipAddresses, otherNames: 0 })
})

test('an iPAddress of another length is no address: it counts as another name', () => {
  const key = generateTestKey('P-256')
  const names = encodeSequence(encodeTlv(contextTag(7, 'primitive'), Uint8Array.of(192, 0, 2, 0, 255, 255, 255, 0)))
  const san = encodeSequence(encodeOid(oids.subjectAltName), encodeTlv(tags.octetString, names))
  const info = encodeSequence(
    encodeInteger(0),
    encodeName({}),
    key.spkiDer,
    encodeTlv(contextTag(0, 'constructed'), encodeExtensionRequest([san])),
  )
  const own = parseCertificationRequest(assembleCertificationRequest(info, key.algorithm, Uint8Array.of(0)))
  assert.deepEqual(own.subjectAltName, { dnsNames: [], ipAddresses: [], otherNames: 1 })
})

test('proof of possession fails for another key, another request and an altered one (RFC 2986 4.2)', async () => {
  const [a, b] = [generateTestKey('P-256'), generateTestKey('P-256')]
  const first = parseCertificationRequest(request(a, { commonName: 'a.example' }, []))
  const second = parseCertificationRequest(request(b, { commonName: 'b.example' }, []))
  const altered: CertificationRequest[] = [
    { ...first, publicKey: second.publicKey },
    { ...first, infoDer: second.infoDer },
    { ...first, signature: second.signature },
    { ...first, signatureAlgorithm: { ...first.signatureAlgorithm, name: undefined } },
    { ...first, signatureAlgorithm: { ...first.signatureAlgorithm, name: 'sha256WithRSAEncryption' } },
    { ...first, publicKey: { ...first.publicKey, der: flipLastBit(first.publicKey.der) } },
  ]
  assert.ok(await verifyCertificationRequest(first))
  for (const each of altered) assert.equal(await verifyCertificationRequest(each), false)
})

test('names that cannot stand in a certificate are not asked for', () => {
  const { spkiDer } = generateTestKey('P-256')
  assert.throws(() => buildCertificationRequestInfo({ subject: {}, spkiDer, dnsNames: ['a_b.example'] }), /unfit/)
  assert.throws(() => buildCertificationRequestInfo({ subject: {}, spkiDer, dnsNames: ['a.example', 'a.example'] }), /twice/)
})

test('a request of another version, with two requests for extensions or members to spare is refused', () => {
  const key = generateTestKey('P-256')
  const asked = encodeExtensionRequest([encodeSubjectAltName(['a.example'], 'named subject')])
  const name = encodeName({ commonName: 'a.example' })
  const wrap = (...attributes: readonly Uint8Array[]): Uint8Array => encodeTlv(contextTag(0, 'constructed'), ...attributes)
  const assemble = (...members: readonly Uint8Array[]): Uint8Array =>
    assembleCertificationRequest(encodeSequence(...members), key.algorithm, Uint8Array.of(0))
  assert.doesNotThrow(() => parseCertificationRequest(assemble(encodeInteger(0), name, key.spkiDer, wrap(asked))))
  assert.doesNotThrow(() => parseCertificationRequest(assemble(encodeInteger(0), name, key.spkiDer)))
  const emptyValue = encodeSequence(encodeOid('1.2.840.113549.1.9.14'), encodeTlv(tags.set))
  const refused = [
    assemble(encodeInteger(1), name, key.spkiDer, wrap(asked)),
    assemble(encodeInteger(0), name, key.spkiDer, wrap(asked, asked)),
    assemble(encodeInteger(0), name, key.spkiDer, wrap(emptyValue)),
    assemble(encodeInteger(0), name, key.spkiDer, wrap(asked), asked),
    assemble(encodeInteger(0), key.spkiDer, wrap(asked)),
  ]
  for (const der of refused) assert.throws(() => parseCertificationRequest(der), DerError)
})
