import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Problem } from '../../../src/problem.ts'
import { fitsPattern, parseDomainPatterns } from '../../../src/ram/eab/domain-pattern.ts'
import { assertFitsEabKey } from '../../../src/ram/eab/eab-key.ts'
import { compileWildcard } from '../../../src/ram/policy/wildcard.ts'

describe('the names that an external account key is for', () => {
  it('are stored as lower-case A-labels, canonical addresses, or nothing for any name', () => {
    assert.equal(parseDomainPatterns([]), null)
    assert.equal(parseDomainPatterns(['*']), null)
    assert.deepEqual(parseDomainPatterns(['WWW.Example.com.', '*.Bücher.example', '*.corp', 'corp', '192.0.2.1', '2001:DB8:0::1']), [
      'www.example.com',
      '*.xn--bcher-kva.example',
      '*.corp',
      'corp',
      '192.0.2.1',
      '2001:db8::1',
    ])
  })

  it('are refused by the place of what is no name', () => {
    const bad = [
      '',
      '*',
      '*.',
      'a b.example',
      'a_b.example',
      '-a.example',
      'a-.example',
      'a..example',
      'w*w.example.com',
      '*.*.example.com',
      'https://example.com',
    ]
    for (const text of [
      ...bad,
      'example.com/x',
      'example.com:443',
      '*.192.0.2.1',
      '0x7f.1',
      '1.2.3.256',
      `${'a'.repeat(64)}.example`,
      `${'a.'.repeat(127)}example`,
      'a\u0000.example',
      '..',
    ]) {
      assert.throws(
        () => parseDomainPatterns(['www.example.com', text]),
        (error) => error instanceof Problem && error.problem === 'invalidParameter' && error.params['P'] === 'Domains.2',
        JSON.stringify(text),
      )
    }
    for (const list of [['a.example', 'A.example'], Array.from({ length: 101 }, (_, index) => `n${index}.example`)]) {
      assert.throws(
        () => parseDomainPatterns(list),
        (error) => error instanceof Problem && error.problem === 'invalidParameter' && error.params['P'] === 'Domains',
      )
    }
  })

  it('hold what StringLike of yundun-cert:Domain would hold, no more and no less', () => {
    const names = ['team.example.com', 'www.team.example.com', 'a.b.team.example.com', '*.team.example.com', '*.www.team.example.com']
    const others = ['xteam.example.com', 'team.example.com.evil.example', 'example.com', '*.example.com', '192.0.2.1', 'com']
    for (const pattern of ['*.team.example.com', 'team.example.com', '*.example.com', '*.com', '192.0.2.1']) {
      const isLike = compileWildcard(pattern)
      for (const name of [...names, ...others]) assert.equal(fitsPattern(name, pattern), isLike(name), `${name} in ${pattern}`)
    }
    assert.deepEqual(
      names.filter((name) => fitsPattern(name, '*.team.example.com')),
      names.slice(1),
    )
  })

  it('refuse an order for the first name outside, and none if the key is for any', () => {
    assertFitsEabKey({ domains: null }, ['anything.example'])
    assertFitsEabKey({ domains: ['a.example', '*.b.example'] }, ['a.example', 'x.b.example', '*.b.example'])
    assert.throws(() => assertFitsEabKey({ domains: ['a.example'] }, ['a.example', '*.a.example', 'b.example']), {
      problem: 'rejectedIdentifier',
      message: 'The external account key is not for *.a.example.',
    })
  })
})
