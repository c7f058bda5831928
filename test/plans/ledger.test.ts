import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Counters, effects, sumLedger } from '../../src/plans/ledger.ts'

type Kind = keyof typeof effects
interface Line {
  readonly kind: Kind
  readonly units: number
}

/** A plan as the rules of quota keep it, told apart from the sums on purpose: units by what they are doing. */
interface Plan {
  free: number
  reserved: number
  issued: number
  given: number
  lines: Line[]
}

/** What may happen to a plan next, each with its lines. */
const happenings: Readonly<Record<string, (plan: Plan) => void>> = {
  grant(plan) {
    plan.free += 3
    plan.lines.push({ kind: 'grant', units: 3 })
  },
  reserve(plan) {
    if (plan.free === 0) return
    plan.free -= 1
    plan.reserved += 1
    plan.lines.push({ kind: 'reserve', units: 1 })
  },
  commit(plan) {
    if (plan.reserved === 0) return
    plan.reserved -= 1
    plan.issued += 1
    plan.lines.push({ kind: 'commit', units: 1 })
  },
  refundReserved(plan) {
    if (plan.reserved === 0) return
    plan.reserved -= 1
    plan.free += 1
    plan.lines.push({ kind: 'refund', units: 1 })
  },
  refundIssued(plan) {
    if (plan.issued === plan.given) return
    plan.given += 1
    plan.free += 1
    plan.lines.push({ kind: 'refund', units: 1 })
  },
  refundToEndedPlan(plan) {
    if (plan.reserved === 0) return
    plan.reserved -= 1
    plan.lines.push({ kind: 'refund', units: 1 }, { kind: 'expire', units: 1 })
  },
}

describe('the ledger of a plan', () => {
  const steps = fc.array(fc.constantFrom(...Object.keys(happenings)), { maxLength: 200 })

  it('keeps 0 <= used <= total and issued growing after every legal line', () => {
    fc.assert(
      fc.property(steps, (names) => {
        let before: Counters = { total: 0, used: 0, issued: 0 }
        for (const plan of play(names)) {
          const sum = sumLedger(plan.lines)
          assert(sum.used >= 0 && sum.used <= sum.total, JSON.stringify(sum))
          assert(sum.issued >= before.issued)
          before = sum
        }
      }),
    )
  })

  it('sums to what the units of the plan are doing', () => {
    fc.assert(
      fc.property(steps, (names) => {
        const plan = play(names).at(-1)
        if (plan === undefined) return
        const { total, used, issued } = sumLedger(plan.lines)
        assert.equal(total - used, plan.free)
        assert.equal(used, plan.reserved + plan.issued - plan.given)
        assert.equal(issued, plan.issued)
      }),
    )
  })

  it('sums to the same in any order of its lines, and line by line as by kind', () => {
    const line = fc.record({ kind: fc.constantFrom(...(Object.keys(effects) as Kind[])), units: fc.integer({ min: 1, max: 1_000_000 }) })
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        assert.deepEqual(sumLedger(lines), sumLedger(lines.toReversed()))
        const byKind = Object.entries(Object.groupBy(lines, ({ kind }) => kind)).map(([kind, same]) => ({
          kind: kind as Kind,
          units: same.reduce((sum, { units }) => sum + units, 0),
        }))
        assert.deepEqual(sumLedger(lines), sumLedger(byKind))
      }),
    )
  })

  it('counts a refunded certificate as issued for good', () => {
    const lines: Line[] = [
      { kind: 'grant', units: 5 },
      { kind: 'reserve', units: 1 },
      { kind: 'commit', units: 1 },
      { kind: 'refund', units: 1 },
    ]
    assert.deepEqual(sumLedger(lines), { total: 5, used: 0, issued: 1 })
    assert.deepEqual(sumLedger([...lines, { kind: 'expire', units: 1 }]), { total: 4, used: 0, issued: 1 })
  })
})

/** The plan after each step. */
function play(names: readonly string[]): Plan[] {
  const plan: Plan = { free: 0, reserved: 0, issued: 0, given: 0, lines: [] }
  return names.map((name) => {
    happenings[name]?.(plan)
    return { ...plan, lines: [...plan.lines] }
  })
}
