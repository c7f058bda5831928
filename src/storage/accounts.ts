import type { Kysely, Selectable } from 'kysely'
import type { AccessKeyTable, Schema } from './schema.ts'

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

/** The installation's row; undefined before the first start. */
export async function findInstallation(read: Kysely<Schema>): Promise<Selectable<Schema['installation']> | undefined> {
  return await read.selectFrom('installation').selectAll().executeTakeFirst()
}

/** Root and issuing CAs of the installation. */
export async function listIssuers(read: Kysely<Schema>): Promise<Selectable<Schema['issuers']>[]> {
  return await read.selectFrom('issuers').selectAll().orderBy('created_at').orderBy('id').execute()
}
