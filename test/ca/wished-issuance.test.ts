import 'reflect-metadata'
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { SubjectAlternativeNameExtension, X509Certificate as PeculiarCertificate } from '@peculiar/x509'
import type { IssuanceRequest } from '../../src/ca/certificate-authority.ts'
import { parseCertificate } from '../../src/x509/certificate.ts'
import { oids } from '../../src/x509/oid.ts'
import { findExtension, readSubjectAltName } from '../../src/x509/read-extensions.ts'
import { generateTestKey } from '../x509/keys.ts'
import { runOpenssl } from '../x509/openssl.ts'
import { dayMs, hourMs, makeTestAuthority, pkiUrl, start, toPem, toSeconds } from './authority.ts'

const { spkiDer } = generateTestKey('P-256')
const each = await makeTestAuthority({ pkiUrl })
/** The second that begins the tests' instant. */
const now = Math.floor(start / 1000) * 1000

const ask = (changes: Partial<IssuanceRequest>): IssuanceRequest => ({
  spkiDer,
  dnsNames: ['a.example'],
  validityDays: 90,
  certificateId: 1,
  emulator: false,
  ...changes,
})
const issue = async (changes: Partial<IssuanceRequest>): Promise<Uint8Array> =>
  each.authority.sign(await each.authority.prepare(ask(changes)))
const addresses = ['192.0.2.1', '2001:db8::1']

void test('86. a certificate of addresses alone has no CN and a critical subjectAltName, and openssl trusts it for them (RFC 8738 3, BR 7.1.2.7.12)', async () => {
  const der = await issue({ dnsNames: [], ipAddresses: addresses })
  const files = { leaf: toPem(der), chain: toPem(each.authority.issuerDer), root: toPem(each.authority.rootDer) }
  for (const address of addresses) {
    const args = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_ip', address, '-attime', toSeconds(start)]
    assert.match(await runOpenssl([...args, '-CAfile', '@root', '-untrusted', '@chain', '@leaf'], files), /: OK/)
  }
  const own = parseCertificate(der)
  assert.equal(own.extensions.find(({ oid }) => oid === oids.subjectAltName)?.critical, true)
  assert.deepEqual(findExtension(own.extensions, oids.subjectAltName, readSubjectAltName), {
    dnsNames: [],
    ipAddresses: addresses,
    otherNames: 0,
  })
  const node = new X509Certificate(der)
  assert.equal(node.subject, undefined)
  assert.equal(node.checkIP('192.0.2.1'), '192.0.2.1')
  assert.equal(node.checkIP('192.0.2.2'), undefined)
  const san = new PeculiarCertificate(Buffer.from(der)).getExtension(SubjectAlternativeNameExtension)
  assert.deepEqual(
    san?.names.items.map(({ type, value }) => [type, value]),
    addresses.map((address) => ['ip', address]),
  )
})

void test('names and addresses stand together; the CN is a name', async () => {
  const node = new X509Certificate(await issue({ dnsNames: ['b.example'], ipAddresses: addresses }))
  assert.equal(node.subject, 'CN=b.example')
  assert.equal(node.subjectAltName, 'DNS:b.example, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1')
})

void test('an address in another spelling, twice, or as a name is not certified', async () => {
  const refused: readonly [Partial<IssuanceRequest>, RegExp][] = [
    [{ ipAddresses: ['2001:DB8::1'] }, /unfit as an iPAddress/],
    [{ ipAddresses: ['a.example.com'] }, /unfit as an iPAddress/],
    [{ ipAddresses: ['192.0.2.1', '192.0.2.1'] }, /twice/],
    [{ dnsNames: ['192.0.2.1'] }, /unfit as a dNSName/],
    [{ dnsNames: [], ipAddresses: [] }, /without a name/],
  ]
  for (const [changes, reason] of refused) await assert.rejects(issue(changes), reason)
})

void test('41. begin and end that were asked for are kept to the second (7.4)', async () => {
  const kept: readonly [Pick<IssuanceRequest, 'notBefore' | 'notAfter'>, number, number][] = [
    [{ notBefore: now + 3 * dayMs }, now + 3 * dayMs, now + 93 * dayMs - 1000],
    [{ notBefore: now - 25 * hourMs }, now - 25 * hourMs, now - 25 * hourMs + 90 * dayMs - 1000],
    [{ notAfter: now + 5 * dayMs }, now + 1000 - hourMs, now + 5 * dayMs],
    // The hour for slow clocks gives way to the end that was asked for.
    [{ notAfter: now + 90 * dayMs - 60_000 }, now - 60_000, now + 90 * dayMs - 60_000],
    [{ notAfter: now + 90 * dayMs }, now, now + 90 * dayMs],
    [{ notBefore: now, notAfter: now + 90 * dayMs }, now, now + 90 * dayMs],
    [{ notBefore: now + dayMs, notAfter: now + dayMs + 60_000 }, now + dayMs, now + dayMs + 60_000],
  ]
  for (const [wish, notBefore, notAfter] of kept) {
    const leaf = parseCertificate(await issue(wish))
    assert.deepEqual([leaf.notBefore, leaf.notAfter], [notBefore, notAfter], JSON.stringify(wish))
  }
})

void test('41. what cannot be kept is refused, never shortened (7.4)', async () => {
  const end = each.authority.notAfter
  const refused: readonly [Partial<IssuanceRequest>, RegExp][] = [
    [{ notAfter: now + 91 * dayMs }, /further away/],
    [{ notBefore: now, notAfter: now + 90 * dayMs + 1000 }, /longer than the product/],
    [{ notBefore: now - 49 * hourMs }, /48 hours ago/],
    [{ notBefore: now + 31 * dayMs }, /30 days/],
    [{ notBefore: now - 2 * hourMs, notAfter: now - hourMs }, /ended already/],
    [{ notAfter: now + 500 }, /whole seconds/],
    [{ notAfter: end + 1000, validityDays: 36_500 }, /outlive/],
  ]
  for (const [changes, reason] of refused) await assert.rejects(issue(changes), reason, JSON.stringify(changes))
  assert.equal(end, parseCertificate(each.authority.issuerDer).notAfter)
})

void test('an intent whose octets begin far from when it was made is not signed', async () => {
  const later = await makeTestAuthority()
  const intent = await later.authority.prepare(ask({}))
  later.clock.now = start + 3 * dayMs
  await assert.rejects(later.authority.sign({ ...intent, preparedAt: later.clock.now }), /48 hours ago/)
})
