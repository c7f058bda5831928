import type { Kysely, Selectable } from 'kysely'
import type { AccessKeyTable, Schema } from './schema.ts'
import type { StatementResult, Tx } from './write.ts'

/** An access key whose account is active; undefined for none. A suspended account's key shows as `Inactive`. */
export async function findAccessKey(read: Kysely<Schema>, accessKeyId: string): Promise<Selectable<AccessKeyTable> | undefined> {
  const row = await read
    .selectFrom('access_keys')
    .innerJoin('accounts', 'accounts.id', 'access_keys.account_id')
    .selectAll('access_keys')
    .select('accounts.status as account_status')
    .where('access_keys.id', '=', accessKeyId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { account_status, ...key } = row
  return account_status === 'active' ? key : { ...key, status: 'Inactive' }
}

/** Issues the statement that gives one row while the caller's key and account are active: what was read before the write may be old. */
export function selectActiveCaller(tx: Tx, caller: { accessKeyId: string; accountId: number }): Promise<StatementResult> {
  return tx.run(
    `select 1 from access_keys k join accounts a on a.id = k.account_id
      where k.id = ? and k.account_id = ? and k.status = 'Active' and a.status = 'active'`,
    [caller.accessKeyId, caller.accountId],
  )
}

/** The installation's row; undefined before the first start. */
export async function findInstallation(read: Kysely<Schema>): Promise<Selectable<Schema['installation']> | undefined> {
  return await read.selectFrom('installation').selectAll().executeTakeFirst()
}

/** Root and issuing CAs of the installation. */
export async function listIssuers(read: Kysely<Schema>): Promise<Selectable<Schema['issuers']>[]> {
  return await read.selectFrom('issuers').selectAll().orderBy('created_at').orderBy('id').execute()
}
