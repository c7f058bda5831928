import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { parseStrictJson } from '../../src/acme/strict-json.ts'

const parse = (text: string) => parseStrictJson(Buffer.from(text), 'The text')
const refused = { problem: 'acmeMalformed' }

describe('the JSON of a request', () => {
  it('is what JSON.parse makes of it if no member is there twice', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        assert.deepEqual(parse(text), JSON.parse(text))
      }),
    )
  })

  it('is refused if a member is there twice, however it is spelled', () => {
    for (const text of [
      '{"a":1,"a":2}',
      '{"a":1,"\\u0061":2}',
      '{"x":[{"b":{},"b":1}]}',
      '{"":1,"":2}',
      '{"\\"":1,"\\u0022":2}',
      // What the engine expects after the first text is another member of one character.
      '{"x":1,"\\\\":2,"\\u0078":3}',
    ]) {
      assert.throws(() => parse(text), refused, text)
    }
    parse('{"x":1,"\\\\":2}')
    assert.throws(() => parse('{"x":1,"\\u0078":2}'), refused)
  })

  it('is refused if it is too deep, no UTF-8, or no JSON', () => {
    parse('[[[[[[[[]]]]]]]]')
    assert.throws(() => parse('[[[[[[[[[]]]]]]]]]'), refused)
    assert.throws(() => parseStrictJson(Buffer.from([0x22, 0xff, 0x22]), 'The text'), refused)
    assert.throws(() => parse('{"a":1,}'), refused)
  })
})
