import type { Kysely } from 'kysely'
import type { Schema } from '../storage/schema.ts'
import { listPlanLines } from '../storage/ledger.ts'
import { findOrderFaults, type OrderFault } from './audit-orders.ts'
import { type Counters, sumLedger } from './ledger.ts'

/** The counters of a plan that its lines must bear out. */
export interface AuditedCounters extends Counters {
  /** Units given back after the certificate was issued. */
  readonly revocationRefunds: number
}

/** What the comparison of counters and ledger lines found. */
export interface PlanAudit {
  readonly plans: number
  readonly lines: number
  /** Plans whose counters differ from what their lines say: always empty, or there is a bug. */
  readonly differences: readonly { readonly planId: number; readonly counters: AuditedCounters; readonly ledger: AuditedCounters }[]
  /** Orders whose lines, certificate or intent do not fit their state. */
  readonly orders: readonly OrderFault[]
}

/** Computes every plan's counters anew from its ledger lines, and holds orders and certificates against them. */
export async function auditPlans(read: Kysely<Schema>): Promise<PlanAudit> {
  const plans = Map.groupBy(await listPlanLines(read), ({ id }) => id)
  const differences = [...plans].flatMap(([planId, rows]) => {
    const [row] = rows
    if (row === undefined) return []
    const { total, used, issued, revocationRefunds, refundsOfRevoked } = row
    const sum = sumLedger(rows.flatMap(({ kind, units }) => (kind === null ? [] : [{ kind, units: units ?? 0 }])))
    const ledger = { ...sum, revocationRefunds: refundsOfRevoked }
    const same =
      ledger.total === total && ledger.used === used && ledger.issued === issued && ledger.revocationRefunds === revocationRefunds
    return same ? [] : [{ planId, counters: { total, used, issued, revocationRefunds }, ledger }]
  })
  const lines = [...plans.values()].flat().reduce((sum, row) => sum + row.lines, 0)
  return { plans: plans.size, lines, differences, orders: await findOrderFaults(read) }
}
