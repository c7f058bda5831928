import { sql } from 'kysely'
import type { ColumnTypes, MigrationModule } from './migration.ts'
import { refuseRetiredKeys } from './refuse-retired-keys.ts'

/**
 * What the ACME door needs (RFC 8555): external account keys, ACME accounts, what ACME says about an order, and authorizations that are
 * proven by a method chosen later, fail for good, are deactivated, and are shared by orders.
 */
export const acme: MigrationModule = {
  name: '0012-acme',
  async up(db, types) {
    for (const statement of [
      ...tables(types),
      ...widenAuthorizations(types),
      ...refuseRetiredKeys(types.engine, 'eab_keys', 'mac_sealed'),
    ]) {
      await sql.raw(statement).execute(db)
    }
  },
}

function tables({ int, blob, strict }: ColumnTypes): string[] {
  return [
    `create table eab_keys (
       id text primary key,
       account_id ${int} not null constraint eab_keys_account references accounts (id),
       name text not null,
       user_id ${int},
       mac_sealed ${blob},
       status text not null constraint eab_keys_status check (status in ('Active', 'Inactive', 'Deleted')),
       products text not null,
       domains text,
       tags text not null,
       unit_limit ${int},
       units_used ${int} not null,
       account_limit ${int},
       accounts_bound ${int} not null,
       expires_at ${int},
       created_at ${int} not null,
       updated_at ${int} not null,
       constraint eab_keys_units check (units_used >= 0 and (unit_limit is null or units_used <= unit_limit)),
       constraint eab_keys_accounts check (accounts_bound >= 0 and (account_limit is null or accounts_bound <= account_limit)),
       constraint eab_keys_deleted check ((status = 'Deleted') = (mac_sealed is null)))${strict}`,
    `create index eab_keys_by_account on eab_keys (account_id, created_at, id)`,
    // Deleted keys pile up: what is counted and listed passes them over.
    `create index eab_keys_kept on eab_keys (account_id, created_at, id) where status <> 'Deleted'`,
    `create index eab_keys_by_user on eab_keys (user_id) where user_id is not null`,
    `create table acme_accounts (
       id ${int} primary key,
       account_id ${int} not null constraint acme_accounts_account references accounts (id),
       eab_key_id text constraint acme_accounts_eab_key references eab_keys (id),
       thumbprint text not null,
       jwk text not null,
       status text not null constraint acme_accounts_status check (status in ('valid', 'deactivated', 'revoked')),
       contacts text not null,
       binding text,
       created_at ${int} not null,
       updated_at ${int} not null)${strict}`,
    // A key is one account's, also a deactivated one's: a lost account does not come back under another id.
    `create unique index acme_accounts_thumbprint on acme_accounts (thumbprint)`,
    // Keys that accounts had before. The binding that named one is on record and would still count: they register no account.
    `create table acme_retired_keys (
       thumbprint text primary key,
       acme_account_id ${int} not null constraint acme_retired_keys_acme_account references acme_accounts (id),
       retired_at ${int} not null)${strict}`,
    `create index acme_accounts_by_account on acme_accounts (account_id, id)`,
    `create index acme_accounts_by_eab_key on acme_accounts (eab_key_id, id) where eab_key_id is not null`,
    // What an order of the ACME door has beside every order.
    `create table acme_orders (
       order_id ${int} primary key constraint acme_orders_order references orders (id),
       account_id ${int} not null,
       acme_account_id ${int} not null constraint acme_orders_acme_account references acme_accounts (id),
       identifiers text not null,
       profile text,
       not_before ${int},
       not_after ${int},
       replaces text,
       replaces_certificate_id ${int},
       error text)${strict}`,
    `create index acme_orders_by_account on acme_orders (acme_account_id, order_id)`,
    // A certificate is replaced once, unless the order that was to replace it came to nothing (RFC 9773 section 5).
    `create unique index acme_orders_replaces on acme_orders (replaces_certificate_id) where replaces_certificate_id is not null`,
    // Null: an order of another door. Open orders are few: they are counted and looked through.
    `alter table orders add column acme_account_id ${int}`,
    `create index orders_open_acme on orders (account_id, principal, acme_account_id) where acme_account_id is not null and state in ('validating', 'ready')`,
    // What an ACME account asked for, hashed: of open orders there is one for it.
    `alter table orders add column wish_sha256 text`,
    `create unique index orders_wish_once on orders (acme_account_id, wish_sha256) where wish_sha256 is not null and state in ('validating', 'ready')`,
    // Units that the order took; 0: a renewal inside its instance's term.
    `alter table orders add column units ${int} not null default 1`,
    // Hex SHA-256 of the names of an instance whose renewals are free: a hundred names are too long for an index.
    `alter table instances add column names_sha256 text`,
    `create index instances_by_names on instances (account_id, product_code, names_sha256, ends_at) where names_sha256 is not null`,
  ]
}

/** SQLite cannot drop a constraint: it copies the table, and those that refer to it. */
function widenAuthorizations({ engine, int, strict }: ColumnTypes): string[] {
  const indexes = [
    `create index authorizations_proven on authorizations (account_id, identifier, validated_at) where state = 'valid'`,
    // What an ACME account gave up does not come back to it through a copy.
    `create index authorizations_given_up on authorizations (acme_account_id, validated_at) where state = 'deactivated'`,
    `create index authorizations_due on authorizations (run_at) where run_at is not null`,
    `create index order_authorizations_by_authorization on order_authorizations (authorization_id)`,
    `create index validation_attempts_by_authorization on validation_attempts (authorization_id, id)`,
  ]
  if (engine === 'postgres') {
    return [
      `alter table authorizations drop constraint authorizations_method`,
      `alter table authorizations alter column method drop not null`,
      `alter table authorizations add column acme_account_id bigint`,
      `alter table authorizations add column state text not null default 'pending'`,
      `alter table authorizations add column thumbprint text`,
      `alter table authorizations add column error text`,
      `alter table authorizations add column attempts bigint not null default 0`,
      `alter table authorizations add column run_at bigint`,
      `update authorizations set state = 'valid' where validated_at is not null`,
      `alter table validation_attempts alter column order_id drop not null`,
      ...indexes,
    ]
  }
  return [
    `create table authorizations_wide (
       id ${int} primary key,
       account_id ${int} not null constraint authorizations_account references accounts (id),
       identifier text not null,
       method text,
       token text not null,
       created_at ${int} not null,
       expires_at ${int} not null,
       validated_at ${int},
       evidence text,
       acme_account_id ${int},
       state text not null default 'pending',
       thumbprint text,
       error text,
       attempts ${int} not null default 0,
       run_at ${int})${strict}`,
    `insert into authorizations_wide
       select id, account_id, identifier, method, token, created_at, expires_at, validated_at, evidence,
         null, case when validated_at is null then 'pending' else 'valid' end, null, null, 0, null from authorizations`,
    `create table order_authorizations_wide (
       order_id ${int} not null constraint order_authorizations_order references orders (id),
       authorization_id ${int} not null constraint order_authorizations_authorization references authorizations_wide (id),
       primary key (order_id, authorization_id))${strict}`,
    `insert into order_authorizations_wide select order_id, authorization_id from order_authorizations`,
    `create table validation_attempts_wide (
       id ${int} primary key,
       order_id ${int} constraint validation_attempts_order references orders (id),
       authorization_id ${int} not null constraint validation_attempts_authorization references authorizations_wide (id),
       at ${int} not null,
       outcome text not null,
       message text not null,
       evidence text not null)${strict}`,
    `insert into validation_attempts_wide select id, order_id, authorization_id, at, outcome, message, evidence from validation_attempts`,
    `drop table order_authorizations`,
    `drop table validation_attempts`,
    `drop table authorizations`,
    `alter table authorizations_wide rename to authorizations`,
    `alter table order_authorizations_wide rename to order_authorizations`,
    `alter table validation_attempts_wide rename to validation_attempts`,
    `create index authorizations_by_identifier on authorizations (account_id, identifier, method)`,
    `create index validation_attempts_by_order on validation_attempts (order_id, id)`,
    ...indexes,
  ]
}
