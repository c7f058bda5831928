import { sql } from 'kysely'
import type { ColumnTypes, MigrationModule } from './migration.ts'

/** What lists of orders and certificates page through, each filter by an index of its own, and what their keywords are looked for in. */
export const lists: MigrationModule = {
  name: '0011-lists',
  async up(db, types) {
    for (const statement of statements(types)) await sql.raw(statement).execute(db)
  },
}

function statements({ int, blob, strict }: ColumnTypes): string[] {
  return [
    // The end of the order's certificate: null as long as there is none.
    `alter table orders add column certificate_ends_at ${int}`,
    `update orders set certificate_ends_at = (select not_after from certificates where certificates.id = certificate_id)
      where certificate_id is not null`,
    `drop index orders_by_account`,
    `create index orders_listed on orders (account_id, id) where state <> 'deleted'`,
    `create index orders_by_end on orders (account_id, certificate_ends_at, id) where state = 'issued'`,
    `create index orders_by_group on orders (account_id, resource_group, id) where resource_group is not null and state <> 'deleted'`,
    `create index orders_by_group_state on orders (account_id, resource_group, state, id) where resource_group is not null`,
    `create index orders_by_group_end on orders (account_id, resource_group, certificate_ends_at, id)
      where resource_group is not null and state = 'issued'`,
    `alter table certificate_cards add column origin text not null default 'buy'
      constraint certificate_cards_origin check (origin in ('buy', 'test', 'upload'))`,
    `update certificate_cards set origin = 'upload' where source = 'upload'`,
    `update certificate_cards set origin = 'test'
      where order_id in (select id from orders where product_code = 'digicert-free-1-free') and source = 'order'`,
    `drop index certificate_cards_by_account`,
    `drop index certificate_cards_by_end`,
    `create index certificate_cards_listed on certificate_cards (account_id, origin, id) where deleted_at is null`,
    `create index certificate_cards_by_end on certificate_cards (account_id, origin, not_after, id)
      where deleted_at is null and revoked_at is null`,
    `create index certificate_cards_revoked on certificate_cards (account_id, origin, id) where deleted_at is null and revoked_at is not null`,
    `create index certificate_cards_by_group on certificate_cards (account_id, resource_group, origin, id)
      where resource_group is not null and deleted_at is null`,
    `create index certificate_cards_by_group_end on certificate_cards (account_id, resource_group, origin, not_after, id)
      where resource_group is not null and deleted_at is null and revoked_at is null`,
    `create index plans_by_account on plans (account_id, id)`,
    // What keywords are looked for in: a line for each order and certificate, then thousands of lines in one block.
    `create table keyword_lines (
       account_id ${int} not null,
       kind text not null constraint keyword_lines_kind check (kind in ('order', 'certificate')),
       id ${int} not null,
       line text not null,
       primary key (account_id, kind, id))${strict}`,
    // Where many lines are, some of them have such an id: this finds what is worth a block without a look at every account.
    `create index keyword_lines_sample on keyword_lines (account_id, kind) where id % 512 = 0`,
    `create table keyword_blocks (
       account_id ${int} not null,
       kind text not null constraint keyword_blocks_kind check (kind in ('order', 'certificate')),
       max_id ${int} not null,
       min_id ${int} not null,
       grams ${blob} not null,
       body text not null,
       primary key (account_id, kind, max_id))${strict}`,
    `insert into keyword_lines (account_id, kind, id, line)
      select account_id, 'order', id,
        replace(replace(replace(coalesce(names, domain), '["', ''), '"]', ''), '","', '\t')
          || '\tcas-ivauto-' || instance_id || '\tcas-cert-' || coalesce(lineage_id, id)
      from orders where state <> 'deleted'`,
    `insert into keyword_lines (account_id, kind, id, line)
      select account_id, 'certificate', id,
        replace(case when sans = '' then common_name else sans end, ',', '\t') || '\t' || name_key || '\t' || instance || '\t' || resource
      from certificate_cards where deleted_at is null`,
  ]
}
