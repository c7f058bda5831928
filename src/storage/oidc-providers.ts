import type { Kysely, Selectable } from 'kysely'
import type { OidcProviderTable, Schema } from './schema.ts'

export type OidcProviderRow = Selectable<OidcProviderTable>

/** A provider of the account by its name in lower case. */
export async function findOidcProvider(read: Kysely<Schema>, accountId: number, key: string): Promise<OidcProviderRow | undefined> {
  return await read
    .selectFrom('oidc_providers')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('name_key', '=', key)
    .executeTakeFirst()
}

/** A provider for somebody who presents a token and has no account yet: undefined too where the account is suspended. */
export async function findTrustedOidcProvider(read: Kysely<Schema>, accountId: number, key: string): Promise<OidcProviderRow | undefined> {
  return await read
    .selectFrom('oidc_providers as p')
    .innerJoin('accounts as a', 'a.id', 'p.account_id')
    .selectAll('p')
    .where('p.account_id', '=', accountId)
    .where('p.name_key', '=', key)
    .where('a.status', '=', 'active')
    .executeTakeFirst()
}

/** Providers of the account after an id, the oldest first. */
export async function listOidcProviders(
  read: Kysely<Schema>,
  accountId: number,
  page: { readonly afterId: number; readonly limit: number },
): Promise<OidcProviderRow[]> {
  return await read
    .selectFrom('oidc_providers')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('id', '>', page.afterId)
    .orderBy('id')
    .limit(page.limit)
    .execute()
}
