import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type GivenCompany, parseCompany, parseCompanyChange } from '../../src/contacts/company.ts'
import { countryCodes } from '../../src/contacts/country-codes.ts'

const given: GivenCompany = {
  name: 'Example GmbH & Co. KG',
  code: 'HRB 12345',
  kind: 2,
  address: 'Musterstraße 1',
  phone: '+49 30 1234567',
  city: 'Berlin',
  province: 'Berlin',
  postCode: '10115',
  country: 'de',
  lang: 'de',
}

describe('a company profile', () => {
  it('is taken as it is: without blanks at the ends, the country in upper case', () => {
    assert.deepEqual(parseCompany({ ...given, name: '  Example GmbH & Co. KG ' }), { ...given, country: 'DE', email: '', department: '' })
  })

  it('is composed text, whatever the client’s system writes: names of certificates are in form NFC', () => {
    assert.equal(parseCompany({ ...given, city: 'Mu\u0308nchen' }).city, 'M\u00fcnchen')
  })

  it('keeps what a change leaves out, and gives up what it empties', () => {
    const { lang: _lang, ...without } = given
    assert.deepEqual(Object.keys(parseCompanyChange(without)).includes('lang'), false)
    const { email, department } = parseCompanyChange({ ...given, email: '', department: '' })
    assert.deepEqual([email, department], ['', ''])
  })

  const refused: [title: string, change: Partial<GivenCompany>, parameter: string, rule: RegExp][] = [
    ['a name of 65 characters', { name: 'n'.repeat(65) }, 'CompanyName', /1 to 64 characters/],
    ['a name of dots', { name: '...' }, 'CompanyName', /neither letter nor digit/],
    ['a name with a line feed', { name: 'a\nb' }, 'CompanyName', /control/],
    ['a name that turns the writing direction', { name: 'a\u202eb' }, 'CompanyName', /control/],
    ['a city of 65 characters', { city: 'c'.repeat(65) }, 'City', /1 to 64 characters/],
    ['a province of one dash', { province: '-' }, 'Province', /neither letter nor digit/],
    ['a country of three letters', { country: 'DEU' }, 'CountryCode', /ISO 3166-1/],
    ['a country that does not exist', { country: 'XX' }, 'CountryCode', /ISO 3166-1/],
    ['the number that a public sample has as a country', { country: '111122' }, 'CountryCode', /ISO 3166-1/],
    ['a code with a semicolon', { code: '1;2' }, 'CompanyCode', /registration number/],
    ['an address of 257 characters', { address: 'a'.repeat(257) }, 'CompanyAddress', /at most 256/],
    ['a phone of letters', { phone: 'call me' }, 'CompanyPhone', /digits/],
    ['a postal code of 17 characters', { postCode: '1'.repeat(17) }, 'PostCode', /at most 16/],
    ['a language in words', { lang: 'German language' }, 'Lang', /language/],
    ['a mail address without a domain', { email: 'me' }, 'CompanyEmail', /name@example.com/],
    ['a department of 65 characters', { department: 'd'.repeat(65) }, 'Department', /at most 64/],
  ]
  for (const [title, change, parameter, rule] of refused) {
    it(`is refused: ${title}`, () => {
      const message = new RegExp(`"${parameter}" is not valid\\. .*${rule.source}`)
      for (const parse of [parseCompany, parseCompanyChange]) {
        assert.throws(() => parse({ ...given, ...change }), { problem: 'invalidParameter', message })
      }
    })
  }

  for (const [field, parameter] of [
    ['name', 'CompanyName'],
    ['code', 'CompanyCode'],
    ['address', 'CompanyAddress'],
    ['phone', 'CompanyPhone'],
    ['city', 'City'],
    ['province', 'Province'],
    ['postCode', 'PostCode'],
    ['country', 'CountryCode'],
    ['lang', 'Lang'],
  ] as const) {
    it(`needs its ${field}`, () => {
      assert.throws(() => parseCompany({ ...given, [field]: ' ' }), { problem: 'missingParameter', code: `Missing${parameter}` })
    })
  }
})

it('there are 249 countries in ISO 3166-1, of two letters each', () => {
  assert.equal(countryCodes.size, 249)
  for (const code of countryCodes) assert.match(code, /^[A-Z]{2}$/)
  // What ICU knows as regions and ISO does not: reserved or private codes.
  for (const code of ['UK', 'EU', 'XK', 'ZZ', 'XX', 'AN', 'CS']) assert.ok(!countryCodes.has(code), code)
})
