import type { Kysely } from 'kysely'
import { prepareRead } from './prepared-read.ts'
import type { PlanTable, Schema } from './schema.ts'

/** The counters of one product, summed over an account's plans that have not ended. */
export async function sumPlans(
  read: Kysely<Schema>,
  accountId: number,
  productCode: string,
  now: number,
): Promise<Pick<PlanTable, 'total' | 'used' | 'issued'>> {
  const { fn } = read
  const row = await read
    .selectFrom('plans')
    .select([fn.sum<number>('total').as('total'), fn.sum<number>('used').as('used'), fn.sum<number>('issued').as('issued')])
    .where('account_id', '=', accountId)
    .where('product_code', '=', productCode)
    .where('valid_until', '>', now)
    .executeTakeFirst()
  return { total: row?.total ?? 0, used: row?.used ?? 0, issued: row?.issued ?? 0 }
}

/** An account's plans of one product that have not ended, the one that ends first in front. */
export async function listLivePlans(
  read: Kysely<Schema>,
  accountId: number,
  productCode: string,
  now: number,
): Promise<Pick<PlanTable, 'id' | 'total' | 'used' | 'valid_until'>[]> {
  return await readLivePlans(read, { accountId, productCode, now })
}

const readLivePlans = prepareRead((read, { accountId, productCode, now }: { accountId: number; productCode: string; now: number }) =>
  read
    .selectFrom('plans')
    .select(['id', 'total', 'used', 'valid_until'])
    .where('account_id', '=', accountId)
    .where('product_code', '=', productCode)
    .where('valid_until', '>', now)
    .orderBy('valid_until')
    .orderBy('id'),
)

/** True if the account ever had a plan of the product. */
export async function hasPlan(read: Kysely<Schema>, accountId: number, productCode: string): Promise<boolean> {
  const row = await read
    .selectFrom('plans')
    .select('id')
    .where('account_id', '=', accountId)
    .where('product_code', '=', productCode)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** A plan by its id, whoever owns it. */
export async function findPlan(
  read: Kysely<Schema>,
  planId: number,
): Promise<(Pick<PlanTable, 'id' | 'valid_until' | 'total'> & { readonly revocation_refunds: number }) | undefined> {
  return await read
    .selectFrom('plans')
    .select(['id', 'valid_until', 'total', 'revocation_refunds'])
    .where('id', '=', planId)
    .executeTakeFirst()
}

/** The counters of every product that an account has a plan of which has not ended, by its code. */
export async function sumPlansByProduct(
  read: Kysely<Schema>,
  accountId: number,
  now: number,
): Promise<Pick<PlanTable, 'product_code' | 'total' | 'used' | 'issued'>[]> {
  const { fn } = read
  return await read
    .selectFrom('plans')
    .select(['product_code', fn.sum<number>('total').as('total'), fn.sum<number>('used').as('used'), fn.sum<number>('issued').as('issued')])
    .where('account_id', '=', accountId)
    .where('valid_until', '>', now)
    .groupBy('product_code')
    .orderBy('product_code')
    .execute()
}

/** The latest plans that an account bought, at most `limit`, the newest first. */
export async function listPurchases(
  read: Kysely<Schema>,
  accountId: number,
  limit: number,
): Promise<Pick<PlanTable, 'id' | 'product_code' | 'total' | 'used' | 'valid_from' | 'valid_until' | 'created_at'>[]> {
  return await read
    .selectFrom('plans')
    .select(['id', 'product_code', 'total', 'used', 'valid_from', 'valid_until', 'created_at'])
    .where('account_id', '=', accountId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}
