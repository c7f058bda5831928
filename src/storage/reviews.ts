import type { Kysely, Selectable } from 'kysely'
import type { AuthorizationMethod, ReviewDecisionTable, ReviewTable, Schema } from './schema.ts'

export type ReviewRow = Selectable<ReviewTable>
export type ReviewDecisionRow = Selectable<ReviewDecisionTable>

/** The review of an order, whoever owns it. */
export async function findReview(read: Kysely<Schema>, orderId: number): Promise<ReviewRow | undefined> {
  return await read.selectFrom('reviews').selectAll().where('order_id', '=', orderId).executeTakeFirst()
}

/** Decisions about some orders, the oldest first. */
export async function listDecisions(read: Kysely<Schema>, orderIds: readonly number[]): Promise<ReviewDecisionRow[]> {
  if (orderIds.length === 0) return []
  return await read.selectFrom('review_decisions').selectAll().where('order_id', 'in', orderIds).orderBy('id').execute()
}

/** What a reviewer reads of an order whose review is open. */
export type OpenReviewRow = ReviewRow &
  Pick<Selectable<Schema['orders']>, 'domain' | 'names' | 'product_code' | 'principal' | 'applicant' | 'organization'>

/** Open reviews of all accounts, by order, after an order's id. For the operator. */
export async function listOpenReviews(read: Kysely<Schema>, afterOrderId: number, limit: number): Promise<OpenReviewRow[]> {
  return await read
    .selectFrom('reviews')
    .innerJoin('orders', 'orders.id', 'reviews.order_id')
    .selectAll('reviews')
    .select(['orders.domain', 'orders.names', 'orders.product_code', 'orders.principal', 'orders.applicant', 'orders.organization'])
    .where('reviews.state', '=', 'open')
    .where('reviews.order_id', '>', afterOrderId)
    .orderBy('reviews.order_id')
    .limit(limit)
    .execute()
}

/** How the names of some orders were proven. */
export async function listProofs(
  read: Kysely<Schema>,
  orderIds: readonly number[],
): Promise<{ order_id: number; identifier: string; method: AuthorizationMethod | null; validated_at: number | null }[]> {
  if (orderIds.length === 0) return []
  return await read
    .selectFrom('order_authorizations')
    .innerJoin('authorizations', 'authorizations.id', 'order_authorizations.authorization_id')
    .select(['order_authorizations.order_id', 'authorizations.identifier', 'authorizations.method', 'authorizations.validated_at'])
    .where('order_authorizations.order_id', 'in', orderIds)
    .orderBy('authorizations.id')
    .execute()
}
