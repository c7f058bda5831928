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
  readonly acmeAccountId?: number
}

/**
 * Issues the statement that gives one row while the caller and its account are active: what was read before the write may be old. A session
 * has no row of its own: it lives while its role does.
 *
 * @param endsOnly the write only ends what there is: an ACME account may do that with an external account key that is off or deleted
 */
export function selectActiveCaller(
  tx: Tx,
  { accountId, accessKeyId, identity, acmeAccountId }: WritingCaller,
  { endsOnly = false }: { readonly endsOnly?: boolean } = {},
): Promise<StatementResult> {
  if (acmeAccountId !== undefined) return selectActiveAcmeAccount(tx, accountId, acmeAccountId, endsOnly)
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

/** Neither the ACME account nor its external account key, user or tenant may have been shut. When a key ends is read before the write. */
function selectActiveAcmeAccount(tx: Tx, accountId: number, acmeAccountId: number, endsOnly: boolean): Promise<StatementResult> {
  return tx.run(
    `select 1 from acme_accounts m join accounts a on a.id = m.account_id
       left join eab_keys e on e.id = m.eab_key_id and e.account_id = m.account_id left join ram_users u on u.id = e.user_id
      where m.id = ? and m.account_id = ? and m.status = 'valid' and a.status = 'active'
        and (e.user_id is null or u.id is not null) ${endsOnly ? '' : `and (m.eab_key_id is null or e.status = 'Active')`}`,
    [acmeAccountId, accountId],
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
