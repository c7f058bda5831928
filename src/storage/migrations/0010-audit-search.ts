import { sql } from 'kysely'
import type { MigrationModule } from './migration.ts'

/** What finds events of an account by who, about what and by which request, in the order of pages. */
export const auditSearch: MigrationModule = {
  name: '0010-audit-search',
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `drop index events_by_request`,
  `create index events_by_request on events (account_id, request_id, at, id) where request_id is not null`,
  `create index events_by_principal on events (account_id, principal, at, id)`,
  `create index events_by_resource on events (account_id, resource, at, id)`,
  // The turns in the life of an order that its rows do not keep: few, beside the calls that asked about it.
  `create index events_of_orders on events (account_id, resource, at, id)
    where kind in ('order.submitted', 'order.withdrawn', 'order.failed', 'review.opened', 'review.decided', 'resourceGroup.changed', 'certificate.deleted')`,
  // Empty: what is sealed has a place.
  `create index events_unplaced on events (id) where sealed_at is not null and log_index is null`,
]
