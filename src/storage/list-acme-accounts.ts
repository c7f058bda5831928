import type { Kysely, Selectable } from 'kysely'
import type { AcmeAccountTable, Schema } from './schema.ts'

export type AcmeAccountView = Pick<
  Selectable<AcmeAccountTable>,
  'id' | 'eab_key_id' | 'thumbprint' | 'status' | 'contacts' | 'created_at' | 'updated_at'
>

/** ACME accounts of a tenant, the newest first. */
export async function listAcmeAccounts(
  read: Kysely<Schema>,
  accountId: number,
  { eabKeyId, status }: { readonly eabKeyId: string | undefined; readonly status: AcmeAccountView['status'] | undefined },
  { before, limit }: { readonly before: number | undefined; readonly limit: number },
): Promise<AcmeAccountView[]> {
  let query = read
    .selectFrom('acme_accounts')
    .select(['id', 'eab_key_id', 'thumbprint', 'status', 'contacts', 'created_at', 'updated_at'])
    .where('account_id', '=', accountId)
  if (eabKeyId !== undefined) query = query.where('eab_key_id', '=', eabKeyId)
  if (status !== undefined) query = query.where('status', '=', status)
  if (before !== undefined) query = query.where('id', '<', before)
  return await query.orderBy('id', 'desc').limit(limit).execute()
}
