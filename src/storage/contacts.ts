import type { Kysely, Selectable } from 'kysely'
import type { ContactTable, Schema } from './schema.ts'

export type ContactRow = Selectable<ContactTable>

/** A contact without what only its own page shows. */
export type ListedContact = Pick<ContactRow, 'id' | 'name' | 'mobile' | 'email' | 'webhooks'>

/** The contact that was added last; undefined for none. Ids of several processes say nothing about time. */
export async function findLatestContact(read: Kysely<Schema>, accountId: number): Promise<ContactRow | undefined> {
  return await read
    .selectFrom('contacts')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** One contact of the account; undefined for another account's, exactly as for one that does not exist. */
export async function findContact(read: Kysely<Schema>, accountId: number, contactId: number): Promise<ContactRow | undefined> {
  return await read.selectFrom('contacts').selectAll().where('id', '=', contactId).where('account_id', '=', accountId).executeTakeFirst()
}

/** All contacts of an account, the latest first: a write keeps them few. */
export async function listContacts(read: Kysely<Schema>, accountId: number): Promise<ListedContact[]> {
  return await read
    .selectFrom('contacts')
    .select(['id', 'name', 'mobile', 'email', 'webhooks'])
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
}
