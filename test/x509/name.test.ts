import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DerError } from '../../src/x509/der-error.ts'
import { readDer } from '../../src/x509/der-reader.ts'
import { encodeName, findAttribute, readName } from '../../src/x509/name.ts'
import { oids } from '../../src/x509/oid.ts'

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex')

test('a name has one attribute per RDN in the order C, ST, L, O, OU, CN, C as PrintableString, the rest as UTF8String (BR 7.1.4.1, 7.1.4.2)', () => {
  const rdns = ['310b3009060355040613024348', '310b3009060355040a0c02c3b6', '310a300806035504030c0163']
  assert.equal(hex(encodeName({ commonName: 'c', organization: 'ö', country: 'CH' })), `3026${rdns.join('')}`)
  const all = { commonName: 'c', organizationalUnit: 'u', organization: 'o', locality: 'l', stateOrProvince: 's', country: 'CH' }
  assert.deepEqual(
    readName(readDer(encodeName(all))).attributes.map(({ type, text }) => [type, text]),
    [
      [oids.countryName, 'CH'],
      [oids.stateOrProvinceName, 's'],
      [oids.localityName, 'l'],
      [oids.organizationName, 'o'],
      [oids.organizationalUnitName, 'u'],
      [oids.commonName, 'c'],
    ],
  )
})

test('an empty name is the empty SEQUENCE', () => {
  assert.equal(hex(encodeName({})), '3000')
  assert.deepEqual(readName(readDer(encodeName({}))).attributes, [])
})

test('names are read back with type and text', () => {
  const name = readName(readDer(encodeName({ country: 'CN', organization: '证书 & Söhne', commonName: 'example.com' })))
  assert.deepEqual(name.attributes, [
    { type: oids.countryName, text: 'CN' },
    { type: oids.organizationName, text: '证书 & Söhne' },
    { type: oids.commonName, text: 'example.com' },
  ])
  assert.equal(findAttribute(name, oids.commonName), 'example.com')
  assert.equal(findAttribute(name, '2.5.4.11'), undefined)
})

test('lengths count characters, not octets (RFC 5280 appendix A.1)', () => {
  assert.doesNotThrow(() => encodeName({ commonName: '𠮷'.repeat(64) }))
  assert.throws(() => encodeName({ commonName: 'a'.repeat(65) }), /1 to 64/)
  assert.throws(() => encodeName({ organization: '' }), /1 to 64/)
})

test('values that no name may have are refused (BR 7.1.4.2, 7.1.2.7.3)', () => {
  for (const country of ['', 'ch', 'CHE', 'C1', 'C ']) assert.throws(() => encodeName({ country }), /country/, country)
  for (const commonName of [' a', 'a ', '-', '...', 'a\nb', 'a\u202eb', 'a\u0000', 'e\u0301', '\ud800a', '\uFFFFa', '\ue000a']) {
    assert.throws(() => encodeName({ commonName }), /unfit/, JSON.stringify(commonName))
  }
})

const refused: readonly [string, string][] = [
  ['a SET', '3100'],
  ['an empty RDN', '30023100'],
  ['an attribute that is no SEQUENCE', '300431020500'],
  ['an attribute without a value', '3009310730050603550403'],
  ['three members in an attribute', '300e310c300a06035504030c01610500'],
  ['text that is not UTF-8', '300c310a300806035504030c01ff'],
]
for (const [what, text] of refused) {
  test(`the reader of names refuses ${what}`, () => {
    assert.throws(() => readName(readDer(Buffer.from(text, 'hex'))), DerError)
  })
}
