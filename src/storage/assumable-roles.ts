import type { Kysely, Selectable } from 'kysely'
import type { RamRoleTable, Schema } from './schema.ts'

/** A role that somebody wants to assume. */
export type AssumableRole = Pick<Selectable<RamRoleTable>, 'id' | 'account_id' | 'name' | 'trust_document' | 'max_session_seconds'> & {
  /** Of the role's account: whether its policies may use set operators. */
  readonly set_operators: number
}

/**
 * A role by its name in lower case, of whatever account a caller named: its trust policy decides about callers of others. Undefined for none,
 * and where the account is suspended.
 */
export async function findAssumableRole(read: Kysely<Schema>, accountId: number, key: string): Promise<AssumableRole | undefined> {
  return await read
    .selectFrom('ram_roles as r')
    .innerJoin('accounts as a', 'a.id', 'r.account_id')
    .select(['r.id', 'r.account_id', 'r.name', 'r.trust_document', 'r.max_session_seconds', 'a.set_operators'])
    .where('r.account_id', '=', accountId)
    .where('r.name_key', '=', key)
    .where('a.status', '=', 'active')
    .executeTakeFirst()
}
