import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { decodeParameters, mergeParameters, nestParameters } from '../../src/gateway/parameters.ts'
import type { Parameter } from '../../src/gateway/parameters.ts'
import { Problem } from '../../src/problem.ts'

describe('decodeParameters', () => {
  const cases: Record<string, [encoded: string, decoded: Parameter[]]> = {
    'nothing is no parameter': ['', []],
    'a plus is a space, %2B a plus': ['a+b=c+d%2Be', [['a b', 'c d+e']]],
    'escapes are UTF-8, in either case': ['k=%e4%BE%8b%F0%9F%98%80', [['k', '例😀']]],
    'raw octets above 7F are UTF-8 too': [`k=${Buffer.from('例').toString('latin1')}`, [['k', '例']]],
    'only the first equals sign parts name and value': ['a=b=c', [['a', 'b=c']]],
    'a name without equals sign has an empty value': [
      'a&b=',
      [
        ['a', ''],
        ['b', ''],
      ],
    ],
    'empty pieces are skipped': ['&&a=1&&', [['a', '1']]],
    'a repeated name is kept each time, in order': [
      'a=2&b=&a=1',
      [
        ['a', '2'],
        ['b', ''],
        ['a', '1'],
      ],
    ],
    'signs that may be left raw are taken as they are': ["k=!'()*~", [['k', "!'()*~"]]],
  }
  for (const [name, [encoded, decoded]] of Object.entries(cases)) {
    it(name, () => assert.deepEqual(decodeParameters(encoded), decoded))
  }

  for (const encoded of ['a=%', 'a=%4', 'a=%zz', '%E4%BE=1', 'a=%ff', 'a=%C0%80', 'a=%ED%A0%80', 'a=\u00e4']) {
    it(`refuses ${JSON.stringify(encoded)}: broken escapes and octets that are not UTF-8`, () => {
      assert.throws(() => decodeParameters(encoded), problem('InvalidParameter', /escape/))
    })
  }

  it('refuses more than 1000 parameters, empty ones counted, also over query and form together', () => {
    assert.equal(decodeParameters('a&'.repeat(1000)).length, 1000)
    assert.throws(() => decodeParameters('a&'.repeat(1001)), problem('InvalidParameter', /more than 1000/))
    assert.throws(() => decodeParameters('&'.repeat(1e7)), problem('InvalidParameter', /more than 1000/))
    const many: Parameter[] = decodeParameters('a&'.repeat(600))
    assert.throws(() => mergeParameters(many, many), problem('InvalidParameter', /more than 1000/))
  })

  it('agrees with URLSearchParams on whatever that writes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' }))), (pairs) => {
        assert.deepEqual(decodeParameters(new URLSearchParams(pairs).toString()), pairs)
      }),
    )
  })
})

describe('mergeParameters', () => {
  it('lets the form win over the query and the last one over the first', () => {
    const merged = mergeParameters(
      [
        ['a', '1'],
        ['a', '2'],
        ['b', '3'],
      ],
      [
        ['b', '4'],
        ['b', '5'],
      ],
    )
    assert.deepEqual(
      [...merged],
      [
        ['a', '2'],
        ['b', '5'],
      ],
    )
  })
})

describe('nestParameters', () => {
  const cases: Record<string, [query: string, input: unknown]> = {
    'plain names stay': ['A=1&B=', { A: '1', B: '' }],
    'lists are 1-based': ['L.1=a&L.2=b', { L: ['a', 'b'] }],
    'lists are in order of their numbers, not of their text': ['L.10=c&L.2=b&L.1=a', { L: ['a', 'b', 'c'] }],
    'gaps close': ['L.7=b&L.3=a', { L: ['a', 'b'] }],
    'groups in lists': ['Tags.1.Key=a&Tags.2.Key=c&Tags.1.Value=b', { Tags: [{ Key: 'a', Value: 'b' }, { Key: 'c' }] }],
    'groups in groups': ['Map.k=1&Map.l.m=2', { Map: { k: '1', l: { m: '2' } } }],
    'lists in lists': ['L.1.1=a&L.1.2=b&L.2.1=c', { L: [['a', 'b'], ['c']] }],
    'four parts are the most': ['A.1.B.1=x', { A: [{ B: ['x'] }] }],
    'position 1000 is the last': ['A.1000=x', { A: ['x'] }],
    'names of Object.prototype are names like others': ['toString=1&M.valueOf=2', { toString: '1', M: { valueOf: '2' } }],
  }
  for (const [name, [query, input]] of Object.entries(cases)) {
    it(name, () => assert.deepEqual(nestParameters(mergeParameters(decodeParameters(query), [])).input, input))
  }

  const refused: Record<string, [query: string, wireName: string]> = {
    'a value that is a list too': ['A=1&A.1=2', 'A.1'],
    'a list that is a value too': ['A.1=2&A=1', 'A'],
    'a list of values and groups at one place': ['A.1=2&A.1.B=1', 'A.1.B'],
    'positions and names at once': ['A.1=2&A.B=1', 'A'],
    'position 0': ['A.0=1', 'A.0'],
    'a position with a leading zero': ['A.01=1', 'A.01'],
    'position 1001': ['A.1001=1', 'A.1001'],
    'a huge position': ['A.99999999999999999999=1', 'A.99999999999999999999'],
    'five parts': ['A.B.C.D.E=1', 'A.B.C.D.E'],
    'an empty part': ['A..B=1', 'A..B'],
    'an empty name': ['=1', ''],
    __proto__: ['__proto__=1', '__proto__'],
    'a part __proto__': ['A.__proto__.B=1', 'A.__proto__.B'],
    'a part constructor': ['A.constructor=1', 'A.constructor'],
    'a part prototype': ['A.1.prototype=1', 'A.1.prototype'],
    'a NUL in a value': ['A=%00', 'A'],
    'a NUL in a name': ['A%00=1', 'A?'],
  }
  for (const [name, [query, wireName]] of Object.entries(refused)) {
    it(`refuses ${name}, and names it`, () => {
      const nest = () => nestParameters(decodeParameters(query))
      assert.throws(nest, problem('InvalidParameter', new RegExp(`parameter "${wireName.replace(/[.?]/g, '\\$&')}"`)))
    })
  }

  it('leads back from closed gaps to the names that were sent', () => {
    const { wireName } = nestParameters(decodeParameters('Tags.3.Key=a&Tags.7.Key=b&Plain=1'))
    assert.equal(wireName(['Tags', 1, 'Key']), 'Tags.7.Key')
    assert.equal(wireName(['Tags', 0, 'Value']), 'Tags.3.Value')
    assert.equal(wireName(['Other', 0]), 'Other.1')
    assert.equal(wireName(['Plain']), 'Plain')
  })

  it('never touches a prototype, whatever the names', () => {
    const part = fc.constantFrom('A', 'B', '1', '2', '0', '', '__proto__', 'constructor', 'prototype', 'toString')
    const name = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('.'))
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string())), (pairs) => {
        const before = Object.getOwnPropertyNames(Object.prototype).length
        try {
          nestParameters(mergeParameters(pairs, []))
        } catch (error) {
          assert.ok(error instanceof Problem)
        }
        assert.equal(Object.getOwnPropertyNames(Object.prototype).length, before)
      }),
    )
  })
})

function problem(code: string, message: RegExp) {
  return (error: unknown) => error instanceof Problem && error.code === code && message.test(error.message)
}
