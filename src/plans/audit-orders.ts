import { type Kysely, sql } from 'kysely'
import type { LedgerEntryTable, Schema } from '../storage/schema.ts'

/** An order that its ledger lines, its certificate or its intent belie. */
export interface OrderFault {
  readonly orderId: number
  readonly fault: string
}

/**
 * Orders whose lines do not fit their state: each that took units has one reserve line, each issued one a commit line, each deleted one a refund
 * line, as each of the ACME door that failed; nothing else is reserved, committed or refunded, and a line is about the units that the order took.
 * No order without units is issued on an instance whose units went back.
 * Each issued order has a certificate and an intent. That no line is there twice is the ledger's unique key.
 */
export async function findOrderFaults(read: Kysely<Schema>): Promise<OrderFault[]> {
  return [
    ...told(await listWithout(read, 'reserve', undefined), 'no unit is reserved for it'),
    ...told(await listOtherUnits(read), 'its ledger lines are about other units than it took'),
    ...told(await listWithout(read, 'commit', ['issued', 'revoked']), 'it is issued, but its unit is not committed'),
    ...told(await listIssuedWithoutCertificate(read), 'it has no certificate'),
    ...told(await listIssuedWithoutIntent(read), 'it has no intent'),
    ...told(await listElsewhere(read, 'commit', ['issued', 'revoked']), 'its unit is committed, but it is not issued'),
    ...told(await listWithout(read, 'refund', ['deleted']), 'it is deleted, but its unit was not given back'),
    ...told(await listFailedUnreturned(read), 'it failed at the ACME door, but its unit was not given back'),
    ...told(await listElsewhere(read, 'refund', ['deleted', 'revoked']), 'its unit was given back, but it is neither deleted nor revoked'),
    ...told(await listStrayLines(read), 'its ledger lines belong to different plans'),
    ...told(await listExpiredUnreturned(read), 'its unit expired without being given back'),
    ...told(await listUnpaidRenewals(read), 'it took no unit, and those of its instance had gone back'),
  ]
}

type States = readonly Schema['orders']['state'][]

const told = (ids: readonly number[], fault: string): OrderFault[] => ids.map((orderId) => ({ orderId, fault }))

const idsOf = async (query: { execute(): Promise<{ id: number }[]> }): Promise<number[]> => (await query.execute()).map(({ id }) => id)

/** Orders in these states, or in any, that took units and have no line of the kind. */
function listWithout(read: Kysely<Schema>, kind: LedgerEntryTable['kind'], states: States | undefined): Promise<number[]> {
  const orders = read
    .selectFrom('orders')
    .leftJoin('ledger_entries', (join) => join.onRef('ledger_entries.order_id', '=', 'orders.id').on('ledger_entries.kind', '=', kind))
    .select('orders.id')
    .where('ledger_entries.id', 'is', null)
    .where('orders.units', '>', 0)
  return idsOf(states === undefined ? orders : orders.where('orders.state', 'in', states))
}

/** An order of the ACME door gives its units back as it fails: nobody has to delete it. */
function listFailedUnreturned(read: Kysely<Schema>): Promise<number[]> {
  return idsOf(
    read
      .selectFrom('orders')
      .leftJoin('ledger_entries', (join) =>
        join.onRef('ledger_entries.order_id', '=', 'orders.id').on('ledger_entries.kind', '=', 'refund'),
      )
      .select('orders.id')
      .where('ledger_entries.id', 'is', null)
      .where('orders.units', '>', 0)
      .where('orders.acme_account_id', 'is not', null)
      .where('orders.state', '=', 'failed'),
  )
}

/** Orders with a line of the kind in other states than these; one of the ACME door is refunded as it fails. */
function listElsewhere(read: Kysely<Schema>, kind: LedgerEntryTable['kind'], states: States): Promise<number[]> {
  const orders = read
    .selectFrom('ledger_entries')
    .innerJoin('orders', 'orders.id', 'ledger_entries.order_id')
    .select('orders.id')
    .where('ledger_entries.kind', '=', kind)
    .where('orders.state', 'not in', states)
  return idsOf(
    kind === 'refund'
      ? orders.where((is) => is.or([is('orders.acme_account_id', 'is', null), is('orders.state', '!=', 'failed')]))
      : orders,
  )
}

/** Orders with a line about more or fewer units than they took, none among them. */
function listOtherUnits(read: Kysely<Schema>): Promise<number[]> {
  return idsOf(
    read
      .selectFrom('ledger_entries')
      .innerJoin('orders', 'orders.id', 'ledger_entries.order_id')
      .select('orders.id')
      .distinct()
      .whereRef('ledger_entries.units', '!=', 'orders.units'),
  )
}

function listIssuedWithoutCertificate(read: Kysely<Schema>): Promise<number[]> {
  return idsOf(
    read
      .selectFrom('orders')
      .leftJoin('certificates', 'certificates.order_id', 'orders.id')
      .select('orders.id')
      .where('orders.state', 'in', ['issued', 'revoked'])
      .where('certificates.id', 'is', null),
  )
}

function listIssuedWithoutIntent(read: Kysely<Schema>): Promise<number[]> {
  return idsOf(
    read
      .selectFrom('orders')
      .leftJoin('issuance_intents', 'issuance_intents.order_id', 'orders.id')
      .select('orders.id')
      .where('orders.state', 'in', ['issued', 'revoked'])
      .where('issuance_intents.serial', 'is', null),
  )
}

/** Orders with a line on another plan than the one that their unit was taken from. */
function listStrayLines(read: Kysely<Schema>): Promise<number[]> {
  return idsOf(
    read
      .selectFrom('ledger_entries')
      .innerJoin('orders', 'orders.id', 'ledger_entries.order_id')
      .innerJoin('instances', 'instances.id', 'orders.instance_id')
      .select('orders.id')
      .distinct()
      .whereRef('ledger_entries.plan_id', '!=', 'instances.plan_id'),
  )
}

function listExpiredUnreturned(read: Kysely<Schema>): Promise<number[]> {
  return idsOf(
    read
      .selectFrom('ledger_entries as expiries')
      .leftJoin('ledger_entries as refunds', (join) => join.on('refunds.idempotency_key', '=', sql<string>`'refund:' || expiries.order_id`))
      .innerJoin('orders', 'orders.id', 'expiries.order_id')
      .select('orders.id')
      .where('expiries.kind', '=', 'expire')
      .where('refunds.id', 'is', null),
  )
}

/** A renewal that was revoked before the units went back was paid. */
function listUnpaidRenewals(read: Kysely<Schema>): Promise<number[]> {
  return idsOf(
    read
      .selectFrom('orders')
      .innerJoin('certificates', 'certificates.id', 'orders.certificate_id')
      .innerJoin('orders as payers', 'payers.instance_id', 'orders.instance_id')
      .innerJoin('ledger_entries', 'ledger_entries.order_id', 'payers.id')
      .select('orders.id')
      .where('orders.units', '=', 0)
      .where('orders.state', 'in', ['issued', 'revoked'])
      .where('ledger_entries.kind', '=', 'refund')
      .where((is) => is.or([is('orders.state', '=', 'issued'), is('certificates.created_at', '>', is.ref('ledger_entries.at'))])),
  )
}
