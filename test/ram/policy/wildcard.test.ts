import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { compileWildcard, matchWildcard } from '../../../src/ram/policy/wildcard.ts'

/** The definition, without any cleverness. */
function matchNaively(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  const rest = pattern.slice(1)
  if (pattern.startsWith('*')) return matchNaively(rest, text) || (text !== '' && matchNaively(pattern, text.slice(1)))
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && matchNaively(rest, text.slice(1))
}

const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 9 })
const texts = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 10 })

describe('wildcards', () => {
  it('match what the definition says, read as they are and compiled', () => {
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        const expected = matchNaively(pattern, text)
        assert.equal(matchWildcard(pattern, text), expected)
        assert.equal(compileWildcard(pattern)(text), expected)
      }),
      { numRuns: 3000 },
    )
  })

  it('a star alone matches everything, and any text matches itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.ok(compileWildcard('*')(text))
        assert.ok(compileWildcard('**')(text))
        assert.ok(compileWildcard(text)(text))
      }),
    )
  })

  it('regular expressions have no meaning', () => {
    assert.equal(compileWildcard('a.c*')('abcd'), false)
    assert.equal(compileWildcard('(a|b)*')('a'), false)
    assert.equal(compileWildcard('[a]?')('[a]x'), true)
    assert.equal(compileWildcard('a\\*')('a\\b'), true)
    assert.equal(compileWildcard('a*')('a\nb'), true)
  })

  it('patterns that make a backtracking matcher hang are decided at once', () => {
    const started = performance.now()
    const text = 'a'.repeat(4000)
    for (const pattern of ['a*'.repeat(1000) + 'b', '*a'.repeat(1000) + '*b', '*?'.repeat(1000) + 'b', '*' + 'a'.repeat(1999) + 'b'])
      assert.equal(compileWildcard(pattern)(text), false)
    assert.ok(performance.now() - started < 1000, 'four patterns of 2,000 characters over 4,000 take less than a second')
  })
})
