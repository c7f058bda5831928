import type { Kysely } from 'kysely'
import type { Schema } from '../../src/storage/schema.ts'

/** External account keys whose counters belie their orders and accounts: what orders took and did not get back, and accounts that are open. */
export async function findEabFaults(read: Kysely<Schema>): Promise<string[]> {
  const [keys, lines, accounts] = await Promise.all([
    read.selectFrom('eab_keys').select(['id', 'units_used', 'accounts_bound']).execute(),
    read
      .selectFrom('ledger_entries as l')
      .innerJoin('orders as o', 'o.id', 'l.order_id')
      .innerJoin('acme_accounts as m', 'm.id', 'o.acme_account_id')
      .select(['m.eab_key_id', 'l.kind', 'l.units'])
      .where('l.kind', 'in', ['reserve', 'refund'])
      .execute(),
    read.selectFrom('acme_accounts').select('eab_key_id').where('status', '=', 'valid').execute(),
  ])
  return keys.flatMap(({ id, units_used, accounts_bound }) => {
    const units = lines
      .filter(({ eab_key_id }) => eab_key_id === id)
      .reduce((sum, { kind, units }) => sum + (kind === 'reserve' ? units : -units), 0)
    const bound = accounts.filter(({ eab_key_id }) => eab_key_id === id).length
    return units === units_used && bound === accounts_bound
      ? []
      : [`${id}: ${units_used} units used and ${accounts_bound} accounts bound, but its orders took ${units} and it has ${bound} accounts`]
  })
}
