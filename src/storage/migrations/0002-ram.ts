import { sql } from 'kysely'
import type { ColumnTypes, MigrationModule } from './migration.ts'

/**
 * Users, groups, roles, policies and what is attached to whom. Names are unique in their account whatever their case:
 * `name_key` is the name in lower case.
 */
export const ram: MigrationModule = {
  name: '0002-ram',
  async up(db, types) {
    for (const statement of statements(types)) await sql.raw(statement).execute(db)
  },
}

function statements({ engine, int, blob, strict }: ColumnTypes): string[] {
  return [
    `create table ram_users (
       id ${int} primary key,
       account_id ${int} not null constraint ram_users_account references accounts (id),
       name text not null,
       name_key text not null,
       display_name text not null,
       mobile_phone text not null,
       email text not null,
       comments text not null,
       created_at ${int} not null,
       updated_at ${int} not null)${strict}`,
    `create unique index ram_users_name on ram_users (account_id, name_key)`,
    `create table ram_groups (
       id ${int} primary key,
       account_id ${int} not null constraint ram_groups_account references accounts (id),
       name text not null,
       name_key text not null,
       comments text not null,
       created_at ${int} not null,
       updated_at ${int} not null)${strict}`,
    `create unique index ram_groups_name on ram_groups (account_id, name_key)`,
    `create table ram_group_members (
       group_id ${int} not null constraint ram_group_members_group references ram_groups (id),
       user_id ${int} not null constraint ram_group_members_user references ram_users (id),
       joined_at ${int} not null,
       primary key (group_id, user_id))${strict}`,
    `create index ram_group_members_by_user on ram_group_members (user_id)`,
    `create table ram_roles (
       id ${int} primary key,
       account_id ${int} not null constraint ram_roles_account references accounts (id),
       name text not null,
       name_key text not null,
       description text not null,
       trust_document text not null,
       max_session_seconds ${int} not null,
       created_at ${int} not null,
       updated_at ${int} not null)${strict}`,
    `create unique index ram_roles_name on ram_roles (account_id, name_key)`,
    `create table ram_policies (
       id ${int} primary key,
       account_id ${int} not null constraint ram_policies_account references accounts (id),
       name text not null,
       name_key text not null,
       description text not null,
       default_version ${int} not null,
       last_version ${int} not null,
       created_at ${int} not null,
       updated_at ${int} not null)${strict}`,
    `create unique index ram_policies_name on ram_policies (account_id, name_key)`,
    `create table ram_policy_versions (
       policy_id ${int} not null constraint ram_policy_versions_policy references ram_policies (id),
       version ${int} not null,
       document text not null,
       created_at ${int} not null,
       primary key (policy_id, version))${strict}`,
    // A system policy is named, a custom one is a row: exactly one of both.
    `create table ram_attachments (
       account_id ${int} not null constraint ram_attachments_account references accounts (id),
       holder_kind text not null constraint ram_attachments_holder check (holder_kind in ('user', 'group', 'role')),
       holder_id ${int} not null,
       policy_key text not null,
       policy_id ${int} constraint ram_attachments_policy references ram_policies (id),
       attached_at ${int} not null,
       primary key (account_id, holder_kind, holder_id, policy_key),
       constraint ram_attachments_key check (policy_key like 'System:%' or policy_id is not null))${strict}`,
    `create index ram_attachments_by_policy on ram_attachments (account_id, policy_key)`,
    `create table oidc_providers (
       id ${int} primary key,
       account_id ${int} not null constraint oidc_providers_account references accounts (id),
       name text not null,
       name_key text not null,
       issuer_url text not null,
       client_ids text not null,
       fingerprints text not null,
       description text not null,
       issuance_limit_hours ${int} not null,
       created_at ${int} not null,
       updated_at ${int} not null)${strict}`,
    `create unique index oidc_providers_name on oidc_providers (account_id, name_key)`,
    // Secrets that the processes of an installation share: session tokens, diagnostic messages and the like.
    `create table shared_secrets (
       purpose text not null,
       version ${int} not null,
       sealed ${blob} not null,
       created_at ${int} not null,
       primary key (purpose, version))${strict}`,
    ...widenTags({ engine, int, blob, strict }),
    `alter table access_keys add column user_id ${int}`,
    `alter table access_keys add column last_used_at ${int}`,
    `create index access_keys_by_user on access_keys (user_id)`,
    // NULL in a row of before: as the installation's mode says.
    `alter table accounts add column key_reading text`,
    `alter table accounts add column set_operators ${int} not null default 0`,
    // Who did it, by which call, and how it ended.
    `alter table events add column action text`,
    `alter table events add column decision text`,
    `alter table events add column code text`,
  ]
}

/** Tags belong to more than orders from here on. SQLite cannot drop a constraint: it copies the table. */
function widenTags({ engine, int, strict }: ColumnTypes): string[] {
  if (engine === 'postgres') return [`alter table tags drop constraint tags_resource_type`]
  return [
    `create table tags_of_all (
       account_id ${int} not null constraint tags_account references accounts (id),
       resource_type text not null,
       resource_id ${int} not null,
       key text not null,
       value text not null,
       primary key (account_id, resource_type, resource_id, key))${strict}`,
    `insert into tags_of_all select account_id, resource_type, resource_id, key, value from tags`,
    `drop table tags`,
    `alter table tags_of_all rename to tags`,
  ]
}
