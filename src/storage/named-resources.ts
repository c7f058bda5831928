import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** Orders of instances, by the instance's id; deleted ones are left out. */
export async function listOrdersOfInstances(
  read: Kysely<Schema>,
  accountId: number,
  instanceIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (instanceIds.length === 0) return new Map()
  const rows = await read
    .selectFrom('orders')
    .select(['id', 'instance_id'])
    .where('instance_id', 'in', instanceIds)
    .where('account_id', '=', accountId)
    .where('state', '!=', 'deleted')
    .execute()
  return new Map(rows.map(({ id, instance_id }) => [instance_id, id]))
}

/** The newest order of each chain of renewals, by the id of its first order; deleted ones are left out. */
export async function listNewestOfChains(
  read: Kysely<Schema>,
  accountId: number,
  firstIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (firstIds.length === 0) return new Map()
  const orders = () =>
    read.selectFrom('orders').select(['id', 'lineage_id']).where('account_id', '=', accountId).where('state', '!=', 'deleted')
  const first = await orders().where('id', 'in', firstIds).where('lineage_id', 'is', null).execute()
  // By time: ids of several processes say nothing about it.
  const renewals = await orders().where('lineage_id', 'in', firstIds).orderBy('created_at').orderBy('id').execute()
  return new Map([...first, ...renewals].map(({ id, lineage_id }) => [lineage_id ?? id, id]))
}

/** Those of the certificates that were uploaded and not deleted. */
export async function listUploads(
  read: Kysely<Schema>,
  accountId: number,
  certificateIds: readonly number[],
): Promise<ReadonlySet<number>> {
  if (certificateIds.length === 0) return new Set()
  const rows = await read
    .selectFrom('certificate_cards')
    .select('id')
    .where('id', 'in', certificateIds)
    .where('account_id', '=', accountId)
    .where('source', '=', 'upload')
    .where('deleted_at', 'is', null)
    .execute()
  return new Set(rows.map(({ id }) => id))
}

/** The certificate of an order, if it has one that was not deleted; or the certificate of that id itself. */
export async function findCertificateCard(
  read: Kysely<Schema>,
  accountId: number,
  by: { readonly orderId: number } | { readonly certificateId: number },
): Promise<number | undefined> {
  const row = await read
    .selectFrom('certificate_cards')
    .select('certificate_cards.id')
    .where('certificate_cards.account_id', '=', accountId)
    .where('certificate_cards.deleted_at', 'is', null)
    .where((is) =>
      'certificateId' in by
        ? is('certificate_cards.id', '=', by.certificateId)
        : is('certificate_cards.id', '=', is.selectFrom('orders').select('certificate_id').where('orders.id', '=', by.orderId)),
    )
    .executeTakeFirst()
  return row?.id
}

/** The instances of orders, by the order's id. */
export async function listInstancesOfOrders(
  read: Kysely<Schema>,
  accountId: number,
  orderIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (orderIds.length === 0) return new Map()
  const rows = await read
    .selectFrom('orders')
    .select(['id', 'instance_id'])
    .where('id', 'in', orderIds)
    .where('account_id', '=', accountId)
    .execute()
  return new Map(rows.map(({ id, instance_id }) => [id, instance_id]))
}
