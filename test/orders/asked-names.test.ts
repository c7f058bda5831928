import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { readAskedNames } from '../../src/orders/asked-names.ts'
import { type NameRules, parseDomainName } from '../../src/orders/domain-name.ts'
import { Problem } from '../../src/problem.ts'
import { makeCsr } from './make-csr.ts'

const rules: NameRules = { code: 'any', domainKind: 'mix', internalNames: true, blockedWords: [] }

/** The name that an order would carry; undefined if there would be no order. */
function nameOfOrder(given: string): string | undefined {
  try {
    return parseDomainName(given, rules).name
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}

const wide = (text: string) => text.replace(/[!-~]/g, (sign) => String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0))
const spellings: ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toUpperCase(),
  (name) => `${name}.`,
  (name) => name.replaceAll('.', '\u3002'),
  (name) => name.normalize('NFD'),
  wide,
  (name) => `*.${name}`,
  (name) => `*.${wide(name)}.`,
  (name) => `${wide('*')}.${name}`,
  (name) => name.replace('a', 'a\u00ad'),
]
const label = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9-]{1,8}$/),
  fc.constantFrom(
    'team',
    'b\u00fccher',
    'stra\u00dfe',
    'xn--bcher-kva',
    'XN--STRAE-OQA',
    '\u4f8b\u3048',
    'fa\u00dfl',
    '\u0130x',
    'xn--a',
    '',
  ),
)
const domain = fc
  .tuple(
    fc.array(label, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('example.com', 'EXAMPLE.org', 'corp'),
    fc.constantFrom(...spellings),
  )
  .map(([labels, zone, spell]) => spell([...labels, zone].join('.')))

describe('the names that permission sees', () => {
  it('are those that the order carries, however they are spelled', () => {
    let orders = 0
    fc.assert(
      fc.property(domain, (given) => {
        const name = nameOfOrder(given)
        if (name === undefined) return
        orders += 1
        assert.deepEqual(readAskedNames({ domain: given, csr: '' }), [name])
      }),
      { numRuns: 2_000 },
    )
    assert.ok(orders > 500, `only ${orders} of the names can be ordered`)
  })

  it('are all of a list, each once', () => {
    const domain = 'a.example.com, B.Example.com.,a.EXAMPLE.com,'
    assert.deepEqual(readAskedNames({ domain, csr: '' }), ['a.example.com', 'b.example.com', ''])
  })

  it('are the CN of a CSR, and those beside it where it is named too', () => {
    const csr = makeCsr('B.Example.com')
    assert.deepEqual(readAskedNames({ domain: '', csr }), ['b.example.com'])
    assert.deepEqual(readAskedNames({ domain: 'a.example.com', csr }), ['b.example.com'])
    assert.deepEqual(readAskedNames({ domain: 'a.example.com, b.example.com.,c.example.com', csr }), [
      'b.example.com',
      'a.example.com',
      'c.example.com',
    ])
    assert.deepEqual(readAskedNames({ domain: '', csr: makeCsr(undefined) }), [])
  })

  it('hold nothing of what is no CSR, and nothing fails on it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String().map((text) => `-----BEGIN A-----\n${text}\n-----END A-----`),
        ),
        (csr) => {
          assert.deepEqual(readAskedNames({ domain: 'a.example.com', csr }), ['a.example.com'])
        },
      ),
    )
  })
})
