import type { LedgerEntryTable, PlanTable } from '../storage/schema.ts'

/** What one ledger line does to a plan's counters. A refund frees the unit; what was issued stays counted. */
export const effects = {
  grant: { total: 1, used: 0, issued: 0 },
  reserve: { total: 0, used: 1, issued: 0 },
  commit: { total: 0, used: 0, issued: 1 },
  refund: { total: 0, used: -1, issued: 0 },
  // A unit given back to a plan that has ended leaves the plan for good.
  expire: { total: -1, used: 0, issued: 0 },
} as const satisfies Record<LedgerEntryTable['kind'], { total: number; used: number; issued: number }>

export type Counters = Pick<PlanTable, 'total' | 'used' | 'issued'>

/** The counters that a plan must show, computed from its lines. */
export function sumLedger(lines: Iterable<Pick<LedgerEntryTable, 'kind' | 'units'>>): Counters {
  const sum = { total: 0, used: 0, issued: 0 }
  for (const { kind, units } of lines) {
    const effect = effects[kind]
    sum.total += effect.total * units
    sum.used += effect.used * units
    sum.issued += effect.issued * units
  }
  return sum
}
