import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createThrottle } from '../../src/ram/throttle.ts'

describe('the throttle', () => {
  function setUp(perSecond: number) {
    const time = { now: 1_000 }
    const isOver = createThrottle(perSecond, () => time.now)
    /** How many of `calls` calls at once are let through. */
    const passed = (calls: number, key = 'key') => Array.from({ length: calls }, () => isOver(key)).filter((over) => !over).length
    return { time, passed }
  }

  it('lets as many calls through at once as it allows in a second, and no more', () => {
    const { passed } = setUp(5)
    assert.equal(passed(8), 5)
    assert.equal(passed(3), 0)
  })

  it('gives room back as time goes, never more than that of one second', () => {
    const { time, passed } = setUp(5)
    passed(5)
    time.now += 400
    assert.equal(passed(5), 2)
    time.now += 100
    assert.equal(passed(5), 0)
    time.now += 100
    assert.equal(passed(5), 1)
    time.now += 3_600_000
    assert.equal(passed(9), 5)
  })

  it('counts each key by itself', () => {
    const { passed } = setUp(2)
    assert.equal(passed(3, 'a'), 2)
    assert.equal(passed(3, 'b'), 2)
  })

  it('gives nothing and takes nothing when the clock is set back', () => {
    const { time, passed } = setUp(5)
    assert.equal(passed(3), 3)
    time.now -= 3_600_000
    assert.equal(passed(5), 2)
    time.now += 1_000
    assert.equal(passed(9), 5)
  })

  it('remembers 10,000 keys, and forgets the oldest first', () => {
    const { passed } = setUp(1)
    assert.equal(passed(2, 'first'), 1)
    assert.equal(passed(2, 'second'), 1)
    for (let index = 0; index < 9_999; index++) passed(1, `k${index}`)
    assert.equal(passed(1, 'second'), 0)
    assert.equal(passed(1, 'first'), 1)
  })

  it('keeps to its rate over a long time', () => {
    const { time, passed } = setUp(10)
    let through = 0
    for (let step = 0; step < 1_000; step++, time.now += 37) through += passed(2)
    assert.ok(Math.abs(through - (37_000 / 1_000) * 10) <= 11, String(through))
  })
})
