import type { Kysely, Selectable } from 'kysely'
import type { AcmeAccountTable, Schema } from './schema.ts'
import type { StatementResult, Tx } from './write.ts'

/** An account of the ACME door, with its tenant and the user of its external account key. */
export type AcmeAccountRow = Selectable<AcmeAccountTable> & {
  readonly account_status: 'active' | 'suspended'
  /** Of the external account key; null also where there is none. */
  readonly user_id: number | null
  /** Null also where the user is gone. */
  readonly user_name: string | null
}

/** An account by its id, whatever its status: the signature tells whose request it is. */
export async function findAcmeAccount(read: Kysely<Schema>, id: number): Promise<AcmeAccountRow | undefined> {
  return await select(read).where('acme_accounts.id', '=', id).executeTakeFirst()
}

/** The account that a key belongs to or belonged to when it was closed. */
export async function findAcmeAccountOfKey(read: Kysely<Schema>, thumbprint: string): Promise<AcmeAccountRow | undefined> {
  return await select(read).where('acme_accounts.thumbprint', '=', thumbprint).executeTakeFirst()
}

function select(read: Kysely<Schema>) {
  return read
    .selectFrom('acme_accounts')
    .innerJoin('accounts', 'accounts.id', 'acme_accounts.account_id')
    .leftJoin('eab_keys', 'eab_keys.id', 'acme_accounts.eab_key_id')
    .leftJoin('ram_users', 'ram_users.id', 'eab_keys.user_id')
    .selectAll('acme_accounts')
    .select(['accounts.status as account_status', 'eab_keys.user_id', 'ram_users.name as user_name'])
}

/**
 * Issues the statement that gives one row if an account gave the key up. It comes after the one that stores the key: whoever gives it up at the
 * same time holds its place in the index until this can see it.
 */
export function selectRetiredKey(tx: Tx, thumbprint: string): Promise<StatementResult> {
  return tx.run(`select acme_account_id from acme_retired_keys where thumbprint = ?`, [thumbprint])
}
