import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertDnsName, findDnsNameFault } from '../../src/x509/dns-name.ts'

const longest = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`

const accepted = [
  'example.com',
  '*.example.com',
  'xn--bcher-kva.example',
  'a',
  'a-b.c1',
  '1.2.3.4.example',
  'x--y.example',
  'corp',
  longest,
]
for (const name of accepted) {
  test(`${name.slice(0, 30)} can be a dNSName (BR 7.1.2.7.12)`, () => {
    assert.equal(findDnsNameFault(name), undefined)
  })
}

const refused: readonly [string, RegExp][] = [
  ['', /1 to 253/],
  [`${longest}d`, /1 to 253/],
  [`${'a'.repeat(64)}.com`, /more than 63/],
  ['example.com.', /empty label/],
  ['.example.com', /empty label/],
  ['a..b', /empty label/],
  ['*', /characters/],
  ['*.', /empty label/],
  ['*.*.example.com', /characters/],
  ['a.*.example.com', /characters/],
  ['w*.example.com', /characters/],
  ['Example.com', /characters/],
  ['a_b.example', /characters/],
  ['bücher.example', /characters/],
  ['a b.example', /characters/],
  ['a\u0000.example', /characters/],
  ['http://example.com', /characters/],
  ['example.com:443', /characters/],
  ['-a.example', /hyphen/],
  ['a-.example', /hyphen/],
  ['ab--c.example', /reserved/],
  ['xn--.example', /hyphen/],
  ['10.0.0.1', /digits/],
  ['*.1', /digits/],
]
for (const [name, reason] of refused) {
  test(`${JSON.stringify(name.slice(0, 30))} cannot be a dNSName (BR 7.1.2.7.12)`, () => {
    assert.match(findDnsNameFault(name) ?? '', reason)
    assert.throws(() => assertDnsName(name), /unfit as a dNSName/)
  })
}
