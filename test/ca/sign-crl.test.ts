import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { CrlRequest } from '../../src/ca/certificate-authority.ts'
import { signRootCrl } from '../../src/ca/embedded/sign-root-crl.ts'
import { verifySignature } from '../../src/ca/verify-signature.ts'
import { parseCertificate } from '../../src/x509/certificate.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import { oids } from '../../src/x509/oid.ts'
import { encodePem } from '../../src/x509/pem.ts'
import { findExtension } from '../../src/x509/read-extensions.ts'
import { generateTestKey } from '../x509/keys.ts'
import { runOpenssl } from '../x509/openssl.ts'
import { dayMs, hourMs, makeTestAuthority, pkiUrl, start, toPem, toSeconds, type TestAuthority } from './authority.ts'

const withAddresses = await makeTestAuthority({ pkiUrl })
const plain = await makeTestAuthority()
const { spkiDer } = generateTestKey('P-256')

const ask = (changes: Partial<CrlRequest> = {}): CrlRequest => ({
  shard: 0,
  number: 1,
  thisUpdate: start,
  nextUpdate: start + 7 * dayMs,
  revoked: [],
  ...changes,
})

const issue = async (
  { authority }: TestAuthority,
  certificateId: number,
): Promise<{ serial: string; crlShard: number; der: Uint8Array }> => {
  const intent = await authority.prepare({ spkiDer, dnsNames: ['a.example'], validityDays: 90, certificateId, emulator: false })
  return { serial: intent.serial, crlShard: intent.crlShard, der: await authority.sign(intent) }
}

/** What openssl says of a leaf against root, intermediate and the CRLs of both. */
const verify = (each: TestAuthority, leaf: Uint8Array, crl: Uint8Array): Promise<string> => {
  const files = {
    leaf: toPem(leaf),
    chain: toPem(each.authority.issuerDer),
    root: toPem(each.authority.rootDer),
    crl: encodePem('X509 CRL', crl) + encodePem('X509 CRL', each.made.rootCrlDer),
  }
  const checks = ['-x509_strict', '-crl_check_all', '-extended_crl', '-CRLfile', '@crl', '-attime', toSeconds(start + hourMs)]
  return runOpenssl(['verify', ...checks, '-CAfile', '@root', '-untrusted', '@chain', '@leaf'], files)
}

for (const [what, each, certificateId] of [
  ['a full CRL, without addresses', plain, 1],
  ['the CRL of a shard, with addresses', withAddresses, 65_536 * 2 + 7],
] as const) {
  test(`openssl accepts a leaf by ${what}, and refuses it once revoked (BR 7.2)`, async () => {
    const { serial, crlShard, der } = await issue(each, certificateId)
    const good = await each.authority.signCrl(ask({ shard: crlShard, revoked: [{ serial: '40'.repeat(16), revokedAt: start, reason: 4 }] }))
    assert.match(await verify(each, der, good), /: OK/)
    const bad = await each.authority.signCrl(ask({ shard: crlShard, number: 2, revoked: [{ serial, revokedAt: start, reason: 1 }] }))
    await assert.rejects(verify(each, der, bad), /certificate revoked/)
  })
}

test('a leaf is not covered by the CRL of another shard (RFC 5280 6.3.3)', async () => {
  const { der } = await issue(withAddresses, 65_536)
  await assert.rejects(
    verify(withAddresses, der, await withAddresses.authority.signCrl(ask({ shard: 2 }))),
    /scope|unable to get certificate CRL/,
  )
})

test('the distribution point of a shard has the octets of the one in its certificates (BR 7.2.2.1)', async () => {
  const { der, crlShard } = await issue(withAddresses, 65_536 * 5)
  const crl = await withAddresses.authority.signCrl(ask({ shard: crlShard }))
  const url = withAddresses.authority.crlUrl(crlShard) ?? ''
  const inLeaf = findExtension(parseCertificate(der).extensions, oids.cRLDistributionPoints, (value) => value.content)
  // DistributionPoint and IssuingDistributionPoint begin alike: [0] { [0] { [6] uri } }.
  const name = Buffer.from(inLeaf ?? new Uint8Array()).subarray(2)
  assert.ok(name.includes(url))
  assert.ok(Buffer.from(crl).includes(name))
  assert.deepEqual(parseCrl(crl).distributionPoints, [url])
})

test('a CRL carries what it was asked to, signed by the issuing CA', async () => {
  const revoked = [{ serial: '40'.repeat(16), revokedAt: start - dayMs - 250, reason: 9 }]
  const crl = parseCrl(await plain.authority.signCrl(ask({ number: 77, revoked })))
  const issuer = parseCertificate(plain.authority.issuerDer)
  assert.ok(await verifySignature(issuer.publicKey, crl))
  assert.equal(crl.number, 77)
  assert.deepEqual(crl.revoked, revoked)
  assert.equal(Buffer.compare(crl.issuer.der, issuer.subject.der), 0)
})

test('a revocation from a clock that runs ahead is dated by its CRL', async () => {
  const revoked = [{ serial: '40'.repeat(16), revokedAt: start + dayMs, reason: 0 }]
  const crl = parseCrl(await plain.authority.signCrl(ask({ revoked })))
  assert.equal(crl.revoked[0]?.revokedAt, crl.thisUpdate)
})

test('a CRL of 10 days or more, of a shard that is none, or with a bad reason is refused (BR 4.9.7, 7.2.2)', async () => {
  const { authority } = withAddresses
  await authority.signCrl(ask({ nextUpdate: start + 10 * dayMs - 1000 }))
  await assert.rejects(authority.signCrl(ask({ nextUpdate: start + 10 * dayMs })), /within 10 days/)
  await assert.rejects(authority.signCrl(ask({ nextUpdate: start })), /next update/)
  for (const shard of [-1, 0.5]) await assert.rejects(authority.signCrl(ask({ shard })), /not a CRL shard/)
  await assert.rejects(plain.authority.signCrl(ask({ shard: 1 })), /one CRL/)
  await assert.rejects(authority.signCrl(ask({ revoked: [{ serial: '01', revokedAt: start, reason: 6 }] })), /reason/)
})

test('a CRL of 100,000 entries leaves the event loop its turns', async () => {
  const revoked = Array.from({ length: 100_000 }, () => ({
    serial: `4${randomBytes(16).toString('hex').slice(1)}`,
    revokedAt: start,
    reason: 0,
  }))
  const signing = plain.authority.signCrl(ask({ revoked }))
  let turns = 0
  let signed = false
  const count = (): void => {
    turns += 1
    if (!signed) setImmediate(count)
  }
  setImmediate(count)
  const crl = await signing
  signed = true
  assert.ok(turns > 10, `${turns} turns`)
  assert.equal(parseCrl(crl).revoked.length, 100_000)
})

test('a further root CRL revokes the intermediate, with a reason (BR 7.2.2)', async () => {
  const { made, authority } = plain
  const request = { rootDer: authority.rootDer, rootKeyPkcs8: made.root.privateKeyPkcs8, number: 2, thisUpdate: start }
  const { serial } = parseCertificate(authority.issuerDer)
  const crl = await signRootCrl({ ...request, revoked: [{ serial, revokedAt: start, reason: 5 }] })
  const files = { chain: toPem(authority.issuerDer), root: toPem(authority.rootDer), crl: encodePem('X509 CRL', crl) }
  const args = ['verify', '-crl_check', '-CRLfile', '@crl', '-attime', toSeconds(start + hourMs), '-CAfile', '@root', '@chain']
  await assert.rejects(runOpenssl(args, files), /certificate revoked/)
  await assert.rejects(signRootCrl({ ...request, revoked: [{ serial, revokedAt: start, reason: 0 }] }), /state a reason/)
  await assert.rejects(signRootCrl({ ...request, rootKeyPkcs8: made.intermediate.privateKeyPkcs8, revoked: [] }), /does not belong/)
})
