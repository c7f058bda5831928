import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IssuanceRequest } from '../../src/ca/certificate-authority.ts'
import { factsOf, factsOfSigned } from '../../src/orders/certificate-card.ts'
import { parseCertificate } from '../../src/x509/certificate.ts'
import { parseSpki } from '../../src/x509/spki.ts'
import { makeTestAuthority } from '../ca/authority.ts'
import { generateTestKey } from '../x509/keys.ts'

const { authority } = await makeTestAuthority()
const organization = { organization: 'Example AG', locality: 'Zürich', stateOrProvince: 'ZH', country: 'CH' }
const ev = { ...organization, businessCategory: 'Private Organization', jurisdictionCountry: 'LI', serialNumber: 'CHE-1' }
const long = `${'a'.repeat(60)}.example.com`

const cases: readonly (readonly [what: string, changes: Partial<IssuanceRequest>, keyType?: 'P-384' | 'RSA-2048'])[] = [
  ['one name', {}],
  ['several names', { dnsNames: ['b.example.com', '*.a.example.com'] }],
  ['a name too long for the CN', { dnsNames: [long, 'a.example.com'] }],
  ['names and addresses', { ipAddresses: ['192.0.2.1', '2001:db8::1'] }],
  ['addresses alone', { dnsNames: [], ipAddresses: ['192.0.2.1'] }],
  ['an organization', { subject: organization }],
  ['an organization of EV', { subject: ev }],
  ['an emulator', { emulator: true }],
  ['an emulator and an organization', { emulator: true, subject: organization }],
  ['P-384', {}, 'P-384'],
  ['RSA', {}, 'RSA-2048'],
]
for (const [what, changes, keyType = 'P-256'] of cases) {
  test(`the facts of a certificate just signed are those that stand in it: ${what}`, async () => {
    const { spkiDer } = generateTestKey(keyType)
    const asked = { spkiDer, dnsNames: ['a.example.com'], validityDays: 90, certificateId: 1, emulator: false, ...changes }
    const intent = await authority.prepare(asked)
    const der = await authority.sign(intent)
    const names = [...asked.dnsNames, ...(asked.ipAddresses ?? [])]
    assert.deepEqual(factsOfSigned(authority, { der, intent, names, key: parseSpki(spkiDer).kind }), factsOf(parseCertificate(der)))
  })
}
