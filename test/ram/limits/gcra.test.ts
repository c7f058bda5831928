import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createGcra } from '../../../src/ram/limits/gcra.ts'

describe('the cell rate algorithm', () => {
  const step = fc.record({ pause: fc.integer({ min: 0, max: 900 }), calls: fc.integer({ min: 1, max: 40 }) })
  const rate = fc.record({ perSecond: fc.double({ min: 0.4, max: 50, noNaN: true }), burst: fc.double({ min: 1, max: 30, noNaN: true }) })

  it('lets over any time no more through than the burst and the rate give', () => {
    fc.assert(
      fc.property(rate, fc.array(step, { minLength: 1, maxLength: 40 }), (limit, steps) => {
        const time = { now: 5_000 }
        const gcra = createGcra(10, () => time.now)
        const passed: number[] = []
        for (const { pause, calls } of steps) {
          time.now += pause
          for (let call = 0; call < calls; call++) if (gcra.take('key', limit) === undefined) passed.push(time.now)
        }
        for (const [first, from] of passed.entries()) {
          for (let last = first; last < passed.length; last++) {
            const seconds = ((passed[last] ?? 0) - from) / 1000
            assert.ok(last - first + 1 <= limit.burst + seconds * limit.perSecond + 1e-3, `${last - first + 1} in ${seconds} s`)
          }
        }
      }),
    )
  })

  it('says after how long a call passes: not sooner, and then it does', () => {
    fc.assert(
      fc.property(rate, fc.integer({ min: 1, max: 200 }), (limit, calls) => {
        const time = { now: 0 }
        const gcra = createGcra(10, () => time.now)
        let wait: number | undefined
        for (let call = 0; call < calls || wait === undefined; call++) wait = gcra.take('key', limit)
        assert.equal(gcra.look('key', limit), wait)
        time.now += wait - 0.01
        if (wait > 0.02) assert.notEqual(gcra.take('key', limit), undefined)
        time.now += 0.02
        assert.equal(gcra.take('key', limit), undefined)
      }),
    )
  })

  it('counts each key for itself, forgets the one used longest ago, and gives nothing for a clock that is set back', () => {
    const time = { now: 0 }
    const gcra = createGcra(2, () => time.now)
    const once = { perSecond: 1, burst: 1 }
    assert.equal(gcra.take('a', once), undefined)
    assert.equal(gcra.take('b', once), undefined)
    assert.notEqual(gcra.take('a', once), undefined)
    time.now = -100_000
    assert.notEqual(gcra.take('b', once), undefined)
    time.now = 0
    gcra.take('c', once)
    assert.equal(gcra.take('a', once), undefined, 'a was forgotten for c')
  })

  it('a charge that nobody can refuse makes the wait at most one burst long', () => {
    const gcra = createGcra(2, () => 0)
    const limit = { perSecond: 10, burst: 5 }
    for (let call = 0; call < 1_000; call++) gcra.charge('a', limit)
    assert.ok((gcra.look('a', limit) ?? 0) <= 101)
  })
})
