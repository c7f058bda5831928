import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { assertMoves, backOff, earliestAttempt, MOST_ATTEMPTS, VALIDATION_LIFETIME_MS, validationOver } from '../../src/orders/order.ts'
import type { OrderState } from '../../src/storage/schema.ts'

/** Every state; the type makes the list complete. */
const states = Object.keys({
  draft: 0,
  validating: 0,
  ready: 0,
  reviewing: 0,
  issuing: 0,
  issued: 0,
  revoked: 0,
  failed: 0,
  withdrawn: 0,
  deleted: 0,
} satisfies Record<OrderState, 0>) as OrderState[]

function exists(from: OrderState, ...path: OrderState[]): boolean {
  try {
    assertMoves(from, ...path)
    return true
  } catch {
    return false
  }
}

function movesFrom(state: OrderState): OrderState[] {
  return states.filter((next) => exists(state, next))
}

describe('the moves of an order', () => {
  it('are the ones of the design and no others', () => {
    assert.deepEqual(Object.fromEntries(states.map((state) => [state, movesFrom(state).sort()])), {
      draft: ['deleted', 'validating', 'withdrawn'],
      validating: ['failed', 'ready', 'withdrawn'],
      ready: ['failed', 'reviewing', 'withdrawn'],
      reviewing: ['failed', 'issuing', 'withdrawn'],
      issuing: ['issued'],
      issued: ['revoked'],
      revoked: [],
      failed: ['deleted'],
      withdrawn: ['deleted', 'draft'],
      deleted: [],
    })
  })

  it('leave nothing that is deleted', () => assert.deepEqual(movesFrom('deleted'), []))

  it('neither withdraw nor fail nor delete an order from its intent on', () => {
    for (const state of ['issuing', 'issued', 'revoked'] as const) {
      for (const next of ['withdrawn', 'failed', 'deleted', 'draft'] as const) assert.equal(exists(state, next), false, `${state}, ${next}`)
    }
  })

  it('reach every state from a draft', () => {
    const reached = new Set<OrderState>(['draft'])
    for (const state of reached) for (const next of movesFrom(state)) reached.add(next)
    assert.deepEqual([...reached].sort(), [...states].sort())
  })

  it('never lead a state to itself', () => {
    for (const state of states) assert.equal(exists(state, state), false, state)
  })

  it('are held step by step along a path', () => {
    assert.doesNotThrow(() => assertMoves('ready', 'reviewing', 'issuing', 'issued'))
    assert.throws(() => assertMoves('ready', 'issuing', 'issued'), /does not go from ready to issuing/)
    assert.throws(() => assertMoves('ready', 'reviewing', 'issued'), /does not go from reviewing to issued/)
  })
})

describe('the back-off of validation', () => {
  const attempts = fc.nat(100_000)
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

  it('stays between a second and six hours and a fifth', () => {
    fc.assert(
      fc.property(attempts, random, (count, chance) => {
        const delay = backOff(count, chance)
        assert(Number.isSafeInteger(delay) && delay >= 1_000 && delay <= 6 * 3_600_000 * 1.2, String(delay))
      }),
    )
  })

  it('never grows shorter with another attempt at the same chance', () => {
    fc.assert(fc.property(fc.nat(300), random, (count, chance) => assert(backOff(count + 1, chance) >= backOff(count, chance))))
  })

  it('doubles from one attempt to the next, and is jittered by a fifth', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 10].map((count) => backOff(count, 0.5)),
      [1_000, 2_000, 4_000, 8_000, 1_024_000],
    )
    assert.deepEqual([backOff(3, 0), backOff(3, 1)], [6_400, 9_600])
  })

  it('never ends before the spacing of attempts allows the next one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 250 }), random, (count, chance) => {
        assert(backOff(count, chance) >= earliestAttempt({ attempts: count, lastAttemptAt: 0 }))
      }),
    )
  })
})

describe('the spacing of attempts', () => {
  const next = (attempts: number): number => earliestAttempt({ attempts, lastAttemptAt: 50_000 }) - 50_000

  it('lets the first attempt happen at once', () => assert.equal(earliestAttempt({ attempts: 0, lastAttemptAt: null }), 0))

  it('is one second between the first five attempts and ten seconds afterwards', () => {
    assert.deepEqual([1, 2, 3, 4, 5, 6, 7, 199].map(next), [1_000, 1_000, 1_000, 1_000, 10_000, 10_000, 10_000, 10_000])
  })
})

describe('the end of validation', () => {
  const order = { attempts: 0, validationEndsAt: VALIDATION_LIFETIME_MS }

  it('comes 30 days after the application and not a millisecond before', () => {
    assert.equal(VALIDATION_LIFETIME_MS, 30 * 86_400_000)
    assert.equal(validationOver(order, VALIDATION_LIFETIME_MS - 1), undefined)
    assert.equal(validationOver(order, VALIDATION_LIFETIME_MS)?.reason, 'validationExpired')
  })

  it('comes with the 200th attempt and not with the 199th', () => {
    assert.equal(MOST_ATTEMPTS, 200)
    assert.equal(validationOver({ ...order, attempts: 199 }, 0), undefined)
    assert.equal(validationOver({ ...order, attempts: 200 }, 0)?.reason, 'tooManyAttempts')
  })
})
