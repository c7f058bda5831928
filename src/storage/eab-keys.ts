import { type Kysely, type Selectable, sql } from 'kysely'
import type { EabKeyTable, Schema } from './schema.ts'

export type EabKeyRow = Selectable<EabKeyTable>

/** A key with the name of its user; null: it has none, or the user is gone. */
export type NamedEabKeyRow = EabKeyRow & { readonly user_name: string | null }

/** A key of whichever tenant. */
export type OwnedEabKeyRow = NamedEabKeyRow & { readonly account_status: 'active' | 'suspended' }

/** An external account key with its user and tenant, whoever owns it. */
export async function findEabKeyOfAny(read: Kysely<Schema>, id: string): Promise<OwnedEabKeyRow | undefined> {
  return await named(read)
    .innerJoin('accounts', 'accounts.id', 'eab_keys.account_id')
    .select('accounts.status as account_status')
    .where('eab_keys.id', '=', id)
    .executeTakeFirst()
}

/** A key of the account, also a deleted one. */
export async function findEabKey(read: Kysely<Schema>, accountId: number, id: string): Promise<NamedEabKeyRow | undefined> {
  return await named(read).where('eab_keys.account_id', '=', accountId).where('eab_keys.id', '=', id).executeTakeFirst()
}

/** Keys of the account, the newest first; deleted ones only if asked for. */
export async function listEabKeys(
  read: Kysely<Schema>,
  accountId: number,
  { status, userId }: { readonly status: EabKeyRow['status'] | undefined; readonly userId: number | undefined },
  page: { readonly before: { readonly at: number; readonly id: string } | undefined; readonly limit: number },
): Promise<NamedEabKeyRow[]> {
  let query = named(read).where('eab_keys.account_id', '=', accountId)
  // In this form whatever asks for no deleted key goes by the index of those that are not.
  if (status !== 'Deleted') query = query.where('eab_keys.status', '<>', 'Deleted')
  if (status !== undefined) query = query.where('eab_keys.status', '=', status)
  if (userId !== undefined) query = query.where('eab_keys.user_id', '=', userId)
  const { before } = page
  if (before !== undefined) {
    query = query.where((is) => is(is.refTuple('eab_keys.created_at', 'eab_keys.id'), '<', is.tuple(before.at, before.id)))
  }
  return await query.orderBy('eab_keys.created_at', 'desc').orderBy('eab_keys.id', 'desc').limit(page.limit).execute()
}

/** When an ACME account of the key last placed an order, or was bound, ms; null: never. */
export async function findLastUseOfEabKey(read: Kysely<Schema>, id: string): Promise<number | null> {
  const { rows } = await sql<{ ordered: number | null; bound: number | null }>`
    select max((select o.created_at from acme_orders x join orders o on o.id = x.order_id
                 where x.acme_account_id = m.id order by x.order_id desc limit 1)) as ordered,
           max(m.created_at) as bound
      from acme_accounts m where m.eab_key_id = ${id}`.execute(read)
  const uses = [rows[0]?.ordered, rows[0]?.bound].filter((at) => at != null).map(Number)
  return uses.length === 0 ? null : Math.max(...uses)
}

/** The key that an ACME account is bound to; null: none. */
export async function findEabKeyOfAcmeAccount(read: Kysely<Schema>, acmeAccountId: number): Promise<string | null> {
  const row = await read.selectFrom('acme_accounts').select('eab_key_id').where('id', '=', acmeAccountId).executeTakeFirst()
  return row?.eab_key_id ?? null
}

function named(read: Kysely<Schema>) {
  return read
    .selectFrom('eab_keys')
    .leftJoin('ram_users', 'ram_users.id', 'eab_keys.user_id')
    .selectAll('eab_keys')
    .select('ram_users.name as user_name')
}
