import type { Kysely, Selectable } from 'kysely'
import type { CompanyTable, Schema } from './schema.ts'

export type CompanyRow = Selectable<CompanyTable>

/** The company profile that was added last; undefined for none. Ids of several processes say nothing about time. */
export async function findLatestCompany(read: Kysely<Schema>, accountId: number): Promise<CompanyRow | undefined> {
  return await read
    .selectFrom('companies')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** The latest company profile of exactly that name. */
export async function findCompanyByName(read: Kysely<Schema>, accountId: number, name: string): Promise<CompanyRow | undefined> {
  return await read
    .selectFrom('companies')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** One company profile of the account; undefined for another account's, exactly as for one that does not exist. */
export async function findCompany(read: Kysely<Schema>, accountId: number, companyId: number): Promise<CompanyRow | undefined> {
  return await read.selectFrom('companies').selectAll().where('id', '=', companyId).where('account_id', '=', accountId).executeTakeFirst()
}

/** All company profiles of an account, the latest first: a write keeps them few. */
export async function listCompanies(read: Kysely<Schema>, accountId: number): Promise<CompanyRow[]> {
  return await read
    .selectFrom('companies')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
}
