import { sql } from 'kysely'
import type { MigrationModule } from './migration.ts'

/** What finds tags by their key, and orders by their instance, without a look at all that an account has. */
export const tagSearch: MigrationModule = {
  name: '0008-tag-search',
  async up(db) {
    await sql.raw(`create index tags_by_key on tags (account_id, resource_type, key, resource_id)`).execute(db)
    await sql.raw(`create index orders_by_instance on orders (instance_id)`).execute(db)
  },
}
