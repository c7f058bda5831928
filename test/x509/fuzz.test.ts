import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { assembleCertificate, buildTbsCertificate, parseCertificate, parseTbsCertificateHead } from '../../src/x509/certificate.ts'
import { assembleCrl, buildTbsCertList, encodeRevokedCertificates, parseCrl } from '../../src/x509/crl.ts'
import { assembleCertificationRequest, buildCertificationRequestInfo, parseCertificationRequest } from '../../src/x509/csr.ts'
import { DerError } from '../../src/x509/der-error.ts'
import { readChildren, readDer, type DerValue } from '../../src/x509/der-reader.ts'
import {
  encodeAuthorityInfoAccess,
  encodeAuthorityKeyIdentifier,
  encodeBasicConstraints,
  encodeCertificatePolicies,
  encodeCrlDistributionPoints,
  encodeExtKeyUsage,
  encodeKeyUsage,
  encodeSubjectAltName,
} from '../../src/x509/extensions.ts'
import { encodeName } from '../../src/x509/name.ts'
import { oids } from '../../src/x509/oid.ts'
import { decodePem, encodePem } from '../../src/x509/pem.ts'
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
import { parseSpki } from '../../src/x509/spki.ts'
import { generateTestKey, signWith } from './keys.ts'

const key = generateTestKey('P-256')
const rsa = generateTestKey('RSA-2048')
const name = encodeName({ country: 'CH', organization: 'Ö', commonName: 'a.example' })

const tbsDer = buildTbsCertificate({
  serial: '4011',
  signatureAlgorithm: key.algorithm,
  issuerDer: name,
  subjectDer: name,
  notBefore: Date.UTC(2026, 0, 1),
  notAfter: Date.UTC(2051, 0, 1),
  spkiDer: rsa.spkiDer,
  extensions: [
    encodeBasicConstraints({ ca: true, pathLength: 0 }),
    encodeKeyUsage(['keyCertSign']),
    encodeExtKeyUsage([oids.serverAuth]),
    encodeAuthorityKeyIdentifier(Uint8Array.of(1, 2, 3)),
    encodeCertificatePolicies(['1.2.3', oids.anyPolicy]),
    encodeAuthorityInfoAccess('http://a.example/ca'),
    encodeCrlDistributionPoints('http://a.example/crl'),
    encodeSubjectAltName(['a.example', '*.a.example'], 'named subject'),
  ],
})
const infoDer = buildCertificationRequestInfo({ subject: { commonName: 'a.example' }, spkiDer: key.spkiDer, dnsNames: ['a.example'] })
const listDer = buildTbsCertList({
  signatureAlgorithm: key.algorithm,
  issuerDer: name,
  thisUpdate: Date.UTC(2026, 0, 1),
  nextUpdate: Date.UTC(2026, 0, 2),
  revokedDer: [encodeRevokedCertificates([{ serial: '0102', revokedAt: Date.UTC(2026, 0, 1), reason: 1 }])],
  number: 7,
  authorityKeyIdentifier: Uint8Array.of(1, 2, 3),
  distributionPoint: 'http://a.example/crl',
})

const parseFully = (der: Uint8Array): void => {
  const { extensions } = parseCertificate(der)
  findExtension(extensions, oids.basicConstraints, readBasicConstraints)
  findExtension(extensions, oids.keyUsage, readKeyUsage)
  findExtension(extensions, oids.extKeyUsage, readExtKeyUsage)
  findExtension(extensions, oids.authorityKeyIdentifier, readAuthorityKeyIdentifier)
  findExtension(extensions, oids.certificatePolicies, readCertificatePolicies)
  findExtension(extensions, oids.authorityInfoAccess, readCaIssuers)
  findExtension(extensions, oids.cRLDistributionPoints, readCrlDistributionPoints)
  findExtension(extensions, oids.subjectAltName, readSubjectAltName)
}
const parseDeep = (der: Uint8Array): void => {
  const descend = (value: DerValue): void => {
    if ((value.tag & 0x20) !== 0) for (const child of readChildren(value)) descend(child)
  }
  descend(readDer(der))
}
const parsePem = (text: Uint8Array): void => void decodePem(Buffer.from(text).toString('utf8'))

const parsers: readonly [string, (der: Uint8Array) => unknown, Uint8Array][] = [
  ['certificates', parseFully, assembleCertificate(tbsDer, key.algorithm, signWith(key, tbsDer))],
  ['heads of certificates', parseTbsCertificateHead, tbsDer],
  ['requests', parseCertificationRequest, assembleCertificationRequest(infoDer, key.algorithm, signWith(key, infoDer))],
  ['CRLs', parseCrl, assembleCrl(listDer, key.algorithm, signWith(key, listDer))],
  ['RSA keys', parseSpki, rsa.spkiDer],
  ['EC keys', parseSpki, key.spkiDer],
  ['values', parseDeep, infoDer],
  ['PEM', parsePem, Buffer.from(encodePem('X', infoDer))],
]

/** Runs a parser; true if it accepts, false on DerError. Anything else passes through and fails the test. */
const accepts = (parse: (der: Uint8Array) => unknown, der: Uint8Array): boolean => {
  try {
    parse(der)
    return true
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    return false
  }
}

/** One change: an octet replaced, a piece taken out, put in or doubled. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.nat(3),
  octet: fc.nat(255),
  count: fc.integer({ min: 1, max: 9 }),
})

const mutate = (der: Uint8Array, { at, kind, octet, count }: { at: number; kind: number; octet: number; count: number }): Uint8Array => {
  const index = Math.floor(at * der.length)
  const [before, after] = [der.subarray(0, index), der.subarray(index)]
  if (kind === 0) return Buffer.concat([before, Uint8Array.of(octet), after.subarray(1)])
  if (kind === 1) return Buffer.concat([before, after.subarray(count)])
  if (kind === 2) return Buffer.concat([before, new Uint8Array(count).fill(octet), after])
  return Buffer.concat([before, after.subarray(0, count), after])
}

for (const [what, parse, valid] of parsers) {
  test(`the parser of ${what} throws nothing but DerError on random octets`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (der) => void accepts(parse, der)),
      { numRuns: 500 },
    )
  })

  test(`the parser of ${what} throws nothing but DerError on valid input with changes`, () => {
    assert.ok(accepts(parse, valid))
    const changes = fc.array(change, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(changes, (list) => void accepts(parse, list.reduce(mutate, valid))),
      { numRuns: 1500 },
    )
  })

  test(`the parser of ${what} refuses every true prefix of valid input`, () => {
    for (let length = 0; length < valid.length - (what === 'PEM' ? 1 : 0); length += 1) {
      assert.equal(accepts(parse, valid.subarray(0, length)), false, `prefix of ${length}`)
    }
  })
}

test('a million empty members are refused or read in little time', () => {
  const started = performance.now()
  const content = new Uint8Array(2_000_000).map((_, i) => (i % 2 === 0 ? 0x30 : 0))
  const der = Buffer.concat([Buffer.from('30831e8480', 'hex'), content])
  for (const [, parse] of parsers) accepts(parse, der)
  assert.ok(performance.now() - started < 20_000)
})
