import type { Kysely } from 'kysely'
import type { Schema } from '../storage/schema.ts'
import { listPlanLines } from '../storage/ledger.ts'
import { type Counters, sumLedger } from './ledger.ts'

/** What the comparison of counters and ledger lines found. */
export interface PlanAudit {
  readonly plans: number
  readonly lines: number
  /** Plans whose counters differ from what their lines say: always empty, or there is a bug. */
  readonly differences: readonly { readonly planId: number; readonly counters: Counters; readonly ledger: Counters }[]
  /** Orders without exactly one reserve line, and issued ones without exactly one commit line and an intent. */
  readonly orders: readonly { readonly orderId: number; readonly fault: string }[]
}

/** Computes every plan's counters anew from its ledger lines, and holds orders and certificates against them. */
export async function auditPlans(read: Kysely<Schema>): Promise<PlanAudit> {
  const plans = Map.groupBy(await listPlanLines(read), ({ id }) => id)
  const differences = [...plans].flatMap(([planId, rows]) => {
    const [{ total, used, issued } = { total: 0, used: 0, issued: 0 }] = rows
    const ledger = sumLedger(rows.flatMap(({ kind, units }) => (kind === null ? [] : [{ kind, units: units ?? 0 }])))
    const same = ledger.total === total && ledger.used === used && ledger.issued === issued
    return same ? [] : [{ planId, counters: { total, used, issued }, ledger }]
  })
  const lines = [...plans.values()].flat().reduce((sum, row) => sum + row.lines, 0)
  return { plans: plans.size, lines, differences, orders: await findOrderFaults(read) }
}

async function findOrderFaults(read: Kysely<Schema>): Promise<PlanAudit['orders']> {
  const unreserved = await read
    .selectFrom('orders')
    .leftJoin('ledger_entries', (join) => join.onRef('ledger_entries.order_id', '=', 'orders.id').on('ledger_entries.kind', '=', 'reserve'))
    .select('orders.id')
    .where('ledger_entries.id', 'is', null)
    .execute()
  const issuedWithout = await read
    .selectFrom('orders')
    .leftJoin('ledger_entries', (join) => join.onRef('ledger_entries.order_id', '=', 'orders.id').on('ledger_entries.kind', '=', 'commit'))
    .leftJoin('certificates', 'certificates.order_id', 'orders.id')
    .leftJoin('issuance_intents', 'issuance_intents.order_id', 'orders.id')
    .select(['orders.id', 'orders.state', 'ledger_entries.id as commit_id', 'certificates.id as certificate_id', 'issuance_intents.serial'])
    .where('orders.state', 'in', ['issued', 'revoked'])
    .where((is) =>
      is.or([is('ledger_entries.id', 'is', null), is('certificates.id', 'is', null), is('issuance_intents.serial', 'is', null)]),
    )
    .execute()
  const committedOpen = await read
    .selectFrom('ledger_entries')
    .innerJoin('orders', 'orders.id', 'ledger_entries.order_id')
    .select('orders.id')
    .where('ledger_entries.kind', '=', 'commit')
    .where('orders.state', 'not in', ['issued', 'revoked'])
    .execute()
  return [
    ...unreserved.map(({ id }) => ({ orderId: id, fault: 'no unit is reserved for it' })),
    ...issuedWithout.map(({ id, commit_id, certificate_id }) => ({
      orderId: id,
      fault:
        commit_id === null
          ? 'it is issued, but its unit is not committed'
          : certificate_id === null
            ? 'it has no certificate'
            : 'it has no intent',
    })),
    ...committedOpen.map(({ id }) => ({ orderId: id, fault: 'its unit is committed, but it is not issued' })),
  ]
}
