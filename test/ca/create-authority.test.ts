import assert from 'node:assert/strict'
import { randomBytes, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { createAuthority } from '../../src/ca/embedded/create-authority.ts'
import { parseCertificate, type Certificate } from '../../src/x509/certificate.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import { findAttribute } from '../../src/x509/name.ts'
import { oids } from '../../src/x509/oid.ts'
import { encodePem } from '../../src/x509/pem.ts'
import {
  findExtension,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readCaIssuers,
  readCertificatePolicies,
  readCrlDistributionPoints,
  readExtKeyUsage,
  readKeyUsage,
} from '../../src/x509/read-extensions.ts'
import { readOctetString } from '../../src/x509/der-values.ts'
import { hashKeyIdentifier, hashSpki } from '../../src/x509/spki.ts'
import { runOpenssl } from '../x509/openssl.ts'
import { dayMs, hourMs, pkiUrl, plan, start, toPem, toSeconds } from './authority.ts'

const made = await createAuthority({ ...plan, pkiUrl })
const root = parseCertificate(made.root.certificateDer)
const intermediate = parseCertificate(made.intermediate.certificateDer)

const describe = (certificate: Certificate): [string, boolean][] => certificate.extensions.map(({ oid, critical }) => [oid, critical])

test('the root has exactly the extensions of a root, with their criticality (BR 7.1.2.1)', () => {
  assert.deepEqual(describe(root), [
    [oids.basicConstraints, true],
    [oids.keyUsage, true],
    [oids.subjectKeyIdentifier, false],
    [oids.authorityKeyIdentifier, false],
  ])
  assert.deepEqual(findExtension(root.extensions, oids.basicConstraints, readBasicConstraints), { ca: true, pathLength: undefined })
  assert.deepEqual(findExtension(root.extensions, oids.keyUsage, readKeyUsage), ['keyCertSign', 'cRLSign'])
  assert.equal(root.signatureAlgorithm.name, 'ecdsa-with-SHA384')
  assert.deepEqual(root.publicKey.kind, { type: 'ec', curve: 'P-384' })
  assert.equal(Buffer.compare(root.issuer.der, root.subject.der), 0)
})

test('the intermediate has exactly the extensions of a TLS sub-CA, with their criticality (BR 7.1.2.6)', () => {
  assert.deepEqual(describe(intermediate), [
    [oids.basicConstraints, true],
    [oids.keyUsage, true],
    [oids.extKeyUsage, false],
    [oids.subjectKeyIdentifier, false],
    [oids.authorityKeyIdentifier, false],
    [oids.certificatePolicies, false],
    [oids.authorityInfoAccess, false],
    [oids.cRLDistributionPoints, false],
  ])
  const { extensions } = intermediate
  assert.deepEqual(findExtension(extensions, oids.basicConstraints, readBasicConstraints), { ca: true, pathLength: 0 })
  assert.deepEqual(findExtension(extensions, oids.keyUsage, readKeyUsage), ['digitalSignature', 'keyCertSign', 'cRLSign'])
  assert.deepEqual(findExtension(extensions, oids.extKeyUsage, readExtKeyUsage), [oids.serverAuth])
  assert.deepEqual(findExtension(extensions, oids.certificatePolicies, readCertificatePolicies), [oids.anyPolicy])
  assert.deepEqual(findExtension(extensions, oids.authorityInfoAccess, readCaIssuers), [`${pkiUrl}/ca/${made.root.id}.crt`])
  assert.deepEqual(findExtension(extensions, oids.cRLDistributionPoints, readCrlDistributionPoints), [
    `${pkiUrl}/crl/${made.root.id}-0.crl`,
  ])
  assert.deepEqual(intermediate.publicKey.kind, { type: 'ec', curve: 'P-256' })
  assert.equal(Buffer.compare(intermediate.issuer.der, root.subject.der), 0)
})

test('key identifiers point from the intermediate to the root (RFC 5280 4.2.1.1, 4.2.1.2)', () => {
  for (const [certificate, issuer] of [[root, root] as const, [intermediate, root] as const]) {
    const own = findExtension(certificate.extensions, oids.subjectKeyIdentifier, readOctetString) ?? new Uint8Array()
    const authority = findExtension(certificate.extensions, oids.authorityKeyIdentifier, readAuthorityKeyIdentifier) ?? new Uint8Array()
    assert.equal(Buffer.compare(own, hashKeyIdentifier(certificate.publicKey)), 0)
    assert.equal(Buffer.compare(authority, hashKeyIdentifier(issuer.publicKey)), 0)
  }
})

test('subjects hold C, O and a CN that ends in eight digits of the key (BR 7.1.2.10.2)', () => {
  const expected = [[root, 'Chancery Root', made.root.id] as const, [intermediate, 'Chancery Issuing', made.intermediate.id] as const]
  for (const [certificate, name, id] of expected) {
    const digits = hashSpki(certificate.publicKey.der).slice(0, 8)
    assert.equal(id, digits)
    assert.deepEqual(
      certificate.subject.attributes.map(({ text }) => text),
      ['CH', 'Chancery Tests', `${name} ${digits.toUpperCase()}`],
    )
  }
})

test('the root lasts 20 years and begins within a day before signing (BR 7.1.2.1.1); the intermediate ends before it', () => {
  assert.equal((root.notAfter + 1000 - root.notBefore) / dayMs, 7305)
  assert.equal((intermediate.notAfter + 1000 - intermediate.notBefore) / dayMs, 3652)
  assert.ok(intermediate.notAfter < root.notAfter)
  for (const { notBefore } of [root, intermediate]) {
    assert.ok(notBefore <= start && notBefore >= start - dayMs)
    assert.ok(notBefore <= start - hourMs)
  }
})

test('a root made close to 2050 ends in a GeneralizedTime that node:crypto reads (RFC 5280 4.1.2.5)', async () => {
  const late = await createAuthority({ ...plan, now: Date.UTC(2045, 0, 1) })
  assert.equal(new X509Certificate(late.root.certificateDer).validToDate.getUTCFullYear(), 2064)
})

test('openssl verifies the intermediate against the root, with the root CRL, strictly', async () => {
  const files = {
    root: toPem(made.root.certificateDer),
    intermediate: toPem(made.intermediate.certificateDer),
    crl: encodePem('X509 CRL', made.rootCrlDer),
  }
  const args = ['verify', '-x509_strict', '-crl_check', '-CRLfile', '@crl', '-attime', toSeconds(start + 1000), '-CAfile', '@root']
  assert.match(await runOpenssl([...args, '@intermediate'], files), /: OK/)
  assert.match(
    await runOpenssl(['verify', '-x509_strict', '-check_ss_sig', '-attime', toSeconds(start), '-CAfile', '@root', '@root'], files),
    /: OK/,
  )
})

test("the root's first CRL is empty, has number 1 and no distribution point, and lasts under 12 months (BR 4.9.7, 7.2.2.1)", () => {
  const crl = parseCrl(made.rootCrlDer)
  assert.deepEqual([crl.number, crl.revoked, crl.distributionPoints], [1, [], []])
  assert.equal(crl.thisUpdate, Math.floor(start / 1000) * 1000)
  assert.ok(crl.nextUpdate - crl.thisUpdate <= 365 * dayMs)
})

test('private keys are PKCS#8 of the certified keys, and openssl reads them', async () => {
  for (const ca of [made.root, made.intermediate]) {
    const pub = await runOpenssl(['pkey', '-inform', 'DER', '-in', '@key', '-pubout'], { key: ca.privateKeyPkcs8 })
    assert.equal(pub, new X509Certificate(ca.certificateDer).publicKey.export({ format: 'pem', type: 'spki' }))
  }
})

test('without an address the intermediate points nowhere', async () => {
  const plain = parseCertificate((await createAuthority(plan)).intermediate.certificateDer)
  const found = plain.extensions.map(({ oid }) => oid)
  assert.ok(!found.includes(oids.authorityInfoAccess) && !found.includes(oids.cRLDistributionPoints))
})

test('two CAs of the same settings never share a name or serial number', async () => {
  const other = parseCertificate((await createAuthority(plan)).root.certificateDer)
  assert.notEqual(findAttribute(other.subject, oids.commonName), findAttribute(root.subject, oids.commonName))
  assert.notEqual(other.serial, root.serial)
})

test('settings outside the rules are refused', async () => {
  await assert.rejects(createAuthority({ ...plan, country: 'Switzerland' }), /country/)
  await assert.rejects(createAuthority({ ...plan, organization: ' ' }), /unfit/)
  await assert.rejects(createAuthority({ ...plan, rootName: 'r'.repeat(56) }), /1 to 64/)
  for (const url of ['https://pki.example', 'pki.example', 'http://pki.example/?a', 'http://u:p@pki.example/', 'http://pki.example/#f']) {
    await assert.rejects(createAuthority({ ...plan, pkiUrl: url }), /http URL/, url)
  }
  await assert.rejects(createAuthority({ ...plan, randomBytes: () => randomBytes(8) }), /randomness/)
})
