import type { Kysely, Selectable } from 'kysely'
import type { AccessKeyTable, Schema } from './schema.ts'
import type { StatementResult, Tx } from './write.ts'

/** An access key, with the name of its user. */
export type AccessKeyRow = Selectable<AccessKeyTable> & { readonly user_name: string | null }

/** An access key whose account is active; undefined for none. A suspended account's key shows as `Inactive`. */
export async function findAccessKey(read: Kysely<Schema>, accessKeyId: string): Promise<AccessKeyRow | undefined> {
  const row = await read
    .selectFrom('access_keys')
    .innerJoin('accounts', 'accounts.id', 'access_keys.account_id')
    .leftJoin('ram_users', 'ram_users.id', 'access_keys.user_id')
    .selectAll('access_keys')
    .select(['accounts.status as account_status', 'ram_users.name as user_name'])
    .where('access_keys.id', '=', accessKeyId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { account_status, ...key } = row
  return account_status === 'active' ? key : { ...key, status: 'Inactive' }
}

/** What a write has to know of its caller to ask again whether it may act. */
export interface WritingCaller {
  readonly accountId: number
  readonly accessKeyId: string
  readonly identity: { readonly kind: string; readonly roleId?: number }
}

/**
 * Issues the statement that gives one row while the caller and its account are active: what was read before the write may be old. A session
 * has no row of its own: it lives while its role does.
 */
export function selectActiveCaller(tx: Tx, { accountId, accessKeyId, identity }: WritingCaller): Promise<StatementResult> {
  return identity.roleId === undefined
    ? tx.run(
        `select 1 from access_keys k join accounts a on a.id = k.account_id
          where k.id = ? and k.account_id = ? and k.status = 'Active' and a.status = 'active'`,
        [accessKeyId, accountId],
      )
    : tx.run(
        `select 1 from ram_roles r join accounts a on a.id = r.account_id where r.id = ? and r.account_id = ? and a.status = 'active'`,
        [identity.roleId, accountId],
      )
}

export type AccountRow = Selectable<Schema['accounts']>

export async function findAccount(read: Kysely<Schema>, accountId: number): Promise<AccountRow | undefined> {
  return await read.selectFrom('accounts').selectAll().where('id', '=', accountId).executeTakeFirst()
}

/** Accounts after an id, by id. */
export async function listAccounts(read: Kysely<Schema>, afterId: number, limit: number): Promise<AccountRow[]> {
  return await read.selectFrom('accounts').selectAll().where('id', '>', afterId).orderBy('id').limit(limit).execute()
}

/**
 * Issues the statement that makes writes about one account follow each other. It changes nothing: its lock makes a count or a look at other
 * tables see what the write before it stored. It comes first.
 */
export function lockAccount(tx: Tx, accountId: number): Promise<StatementResult> {
  return tx.run(`update accounts set status = status where id = ?`, [accountId])
}

/** The installation's row; undefined before the first start. */
export async function findInstallation(read: Kysely<Schema>): Promise<Selectable<Schema['installation']> | undefined> {
  return await read.selectFrom('installation').selectAll().executeTakeFirst()
}

/** Root and issuing CAs of the installation. */
export async function listIssuers(read: Kysely<Schema>): Promise<Selectable<Schema['issuers']>[]> {
  return await read.selectFrom('issuers').selectAll().orderBy('created_at').orderBy('id').execute()
}
