import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { drawInBlocks } from '../../src/keys/random-blocks.ts'

describe('random octets in blocks', () => {
  it('have the length that was asked for, come once, and stay as they are', () => {
    let calls = 0
    let next = 0
    const draw = drawInBlocks((length) => {
      calls += 1
      // Every four octets are another number.
      const octets = Buffer.alloc(length)
      for (let at = 0; at + 4 <= length; at += 4) octets.writeUInt32BE((next += 1), at)
      return octets
    })
    const drawn = Array.from({ length: 3_000 }, (_, index) => draw((index % 8) * 4 + 4))
    const numbers = drawn.flatMap((octets) =>
      Array.from({ length: octets.length / 4 }, (_, at) => Buffer.from(octets).readUInt32BE(at * 4)),
    )
    assert.deepEqual(
      drawn.map(({ length }) => length),
      Array.from({ length: 3_000 }, (_, index) => (index % 8) * 4 + 4),
    )
    assert.equal(new Set(numbers).size, numbers.length)
    assert.ok(!numbers.includes(0))
    assert.ok(calls < 20, `the source was asked ${calls} times`)
  })

  it('are drawn by themselves where they are many', () => {
    const asked: number[] = []
    const draw = drawInBlocks((length) => {
      asked.push(length)
      return new Uint8Array(length)
    })
    assert.equal(draw(33).length, 33)
    assert.equal(draw(5_000).length, 5_000)
    assert.deepEqual(asked, [33, 5_000])
  })
})
