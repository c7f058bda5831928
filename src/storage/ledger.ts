import type { Kysely } from 'kysely'
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

/** Sums of every plan's lines by kind. */
export async function sumLedgerLines(read: Kysely<Schema>): Promise<{ plan_id: number; kind: LedgerEntryTable['kind']; units: number }[]> {
  return await read
    .selectFrom('ledger_entries')
    .select(['plan_id', 'kind', read.fn.sum<number>('units').as('units')])
    .groupBy(['plan_id', 'kind'])
    .execute()
}
