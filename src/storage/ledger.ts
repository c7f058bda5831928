import { type Kysely, sql } from 'kysely'
import type { LedgerEntryTable, Schema } from './schema.ts'
import type { StatementResult, Tx } from './write.ts'

/** One line of a plan's ledger. A line about an order names it; a grant names none. */
export interface NewLedgerEntry {
  readonly id: number
  readonly planId: number
  readonly accountId: number
  readonly kind: LedgerEntryTable['kind']
  readonly units: number
  readonly orderId: number | null
  readonly at: number
}

/** Issues the statement that stores a line. Its key makes each fact countable once: a second try breaks `ledger_entries_idempotency`. */
export function insertLedgerEntry(tx: Tx, entry: NewLedgerEntry): Promise<StatementResult> {
  return tx.insert('ledger_entries', {
    id: entry.id,
    plan_id: entry.planId,
    account_id: entry.accountId,
    kind: entry.kind,
    units: entry.units,
    order_id: entry.orderId,
    idempotency_key: `${entry.kind}:${entry.orderId ?? `plan-${entry.planId}`}`,
    at: entry.at,
  })
}

/** A plan's counters beside the sum of its lines of one kind; a plan without lines has one row, of no kind. */
export interface PlanLines {
  readonly id: number
  readonly total: number
  readonly used: number
  readonly issued: number
  /** Units given back after issue that the plan counts, and those that its lines show: of revoked orders, unless they expired at once. */
  readonly revocationRefunds: number
  readonly refundsOfRevoked: number
  readonly kind: LedgerEntryTable['kind'] | null
  readonly units: number | null
  readonly lines: number
}

/** Every plan with the sums of its lines by kind, of one moment: one statement, because writes go on between two. */
export async function listPlanLines(read: Kysely<Schema>): Promise<PlanLines[]> {
  const rows = await read
    .with('revoked_refunds', (cte) =>
      cte
        .selectFrom('ledger_entries as refunds')
        .innerJoin('orders', 'orders.id', 'refunds.order_id')
        .leftJoin('ledger_entries as expiries', (join) =>
          join.on('expiries.idempotency_key', '=', sql<string>`'expire:' || refunds.order_id`),
        )
        .select(({ fn }) => ['refunds.plan_id', fn.sum<number>('refunds.units').as('refunds')])
        .where('refunds.kind', '=', 'refund')
        .where('orders.state', '=', 'revoked')
        .where('expiries.id', 'is', null)
        .groupBy('refunds.plan_id'),
    )
    .selectFrom('plans')
    .leftJoin('revoked_refunds', 'revoked_refunds.plan_id', 'plans.id')
    .leftJoin('ledger_entries', 'ledger_entries.plan_id', 'plans.id')
    .select(({ fn }) => [
      'plans.id',
      'plans.total',
      'plans.used',
      'plans.issued',
      'plans.revocation_refunds as revocationRefunds',
      'revoked_refunds.refunds as refundsOfRevoked',
      'ledger_entries.kind',
      fn.sum<number | null>('ledger_entries.units').as('units'),
      fn.count<number>('ledger_entries.id').as('lines'),
    ])
    .groupBy(['plans.id', 'ledger_entries.kind', 'revoked_refunds.refunds'])
    .execute()
  return rows.map((row) => ({ ...row, refundsOfRevoked: row.refundsOfRevoked ?? 0 }))
}
