import { sql } from 'kysely'
import type { ColumnTypes, MigrationModule } from './migration.ts'

/**
 * What the whole ordering API needs: orders of several names, with a CSR of the applicant's, with a review; uploaded certificates, the CSR
 * store, contacts and companies.
 */
export const ordering: MigrationModule = {
  name: '0006-ordering',
  async up(db, types) {
    for (const statement of statements(types)) await sql.raw(statement).execute(db)
  },
}

function statements({ int, blob, strict }: ColumnTypes): string[] {
  return [
    // JSON: all names, the first one that of `domain`. Null in a row of before: that one alone.
    `alter table orders add column names text`,
    `alter table orders add column csr ${blob}`,
    // Set where the door refuses a CSR that was used: a key is one order's.
    `alter table orders add column csr_spki_sha256 text`,
    `create unique index orders_csr_once on orders (account_id, csr_spki_sha256) where csr_spki_sha256 is not null and state <> 'deleted'`,
    // JSON: the company of an OV or EV order, as it was when the order was placed.
    `alter table orders add column organization text`,
    `alter table orders add column renews_order_id ${int}`,
    // The first order of a chain of renewals; null: the order itself. What follows renewals is named by it.
    `alter table orders add column lineage_id ${int}`,
    `alter table orders add column resource_group text`,
    `create unique index orders_renewal_once on orders (renews_order_id) where renews_order_id is not null and state not in ('deleted', 'failed', 'revoked')`,
    // Units given back after the certificate was issued: never more than were bought.
    `alter table plans add column revocation_refunds ${int} not null default 0`,
    `create index orders_by_lineage on orders (account_id, lineage_id, id) where lineage_id is not null`,
    `create index orders_by_state on orders (account_id, state, id)`,
    `create table reviews (
       order_id ${int} primary key constraint reviews_order references orders (id),
       account_id ${int} not null,
       level text not null constraint reviews_level check (level in ('OV', 'EV')),
       approvals_needed ${int} not null,
       state text not null constraint reviews_state check (state in ('open', 'approved', 'rejected', 'ended')),
       opened_at ${int} not null,
       decided_at ${int})${strict}`,
    `create index reviews_open on reviews (order_id) where state = 'open'`,
    `create table review_decisions (
       id ${int} primary key,
       order_id ${int} not null constraint review_decisions_review references reviews (order_id),
       reviewer text not null,
       decision text not null constraint review_decisions_decision check (decision in ('approve', 'reject')),
       reason text not null,
       checks text not null,
       at ${int} not null)${strict}`,
    // Two approvals are two people.
    `create unique index review_decisions_once on review_decisions (order_id, reviewer)`,
    // Every certificate that an account has, issued or uploaded, as lists show it. Ids are those of both tables, which share one sequence.
    `create table certificate_cards (
       id ${int} primary key,
       account_id ${int} not null constraint certificate_cards_account references accounts (id),
       source text not null constraint certificate_cards_source check (source in ('order', 'upload')),
       order_id ${int},
       instance text not null,
       resource text not null,
       name text not null,
       name_key text not null,
       common_name text not null,
       sans text not null,
       issuer text not null,
       organization text not null,
       country text not null,
       province text not null,
       city text not null,
       serial text not null,
       sha1 text not null,
       sha256 text not null,
       algorithm text not null,
       key_size ${int} not null,
       sign_algorithm text not null,
       has_key ${int} not null,
       not_before ${int} not null,
       not_after ${int} not null,
       revoked_at ${int},
       deleted_at ${int},
       resource_group text,
       created_at ${int} not null)${strict}`,
    `create unique index certificate_cards_name on certificate_cards (account_id, name_key) where deleted_at is null`,
    `create index certificate_cards_by_account on certificate_cards (account_id, id) where deleted_at is null`,
    `create index certificate_cards_by_end on certificate_cards (account_id, not_after, id) where deleted_at is null`,
    `create index certificate_cards_by_resource on certificate_cards (account_id, resource, id) where deleted_at is null`,
    `create index certificate_cards_uploaded on certificate_cards (account_id, id) where source = 'upload' and deleted_at is null`,
    `create table uploaded_certificates (
       id ${int} primary key constraint uploaded_certificates_card references certificate_cards (id),
       account_id ${int} not null,
       certificate_pem text not null,
       key_sealed ${blob},
       encrypt_pem text,
       encrypt_key_sealed ${blob})${strict}`,
    `create table csrs (
       id ${int} primary key,
       account_id ${int} not null constraint csrs_account references accounts (id),
       name text not null,
       algorithm text not null,
       key_size ${int} not null,
       common_name text not null,
       sans text not null,
       country text not null,
       province text not null,
       locality text not null,
       organization text not null,
       department text not null,
       pem text not null,
       spki_sha256 text not null,
       key_sealed ${blob},
       created_at ${int} not null,
       updated_at ${int} not null)${strict}`,
    `create index csrs_by_account on csrs (account_id, id)`,
    `create table contacts (
       id ${int} primary key,
       account_id ${int} not null constraint contacts_account references accounts (id),
       name text not null,
       mobile text not null,
       email text not null,
       id_card_sealed ${blob},
       webhooks text not null,
       created_at ${int} not null,
       updated_at ${int} not null)${strict}`,
    `create index contacts_by_account on contacts (account_id, id)`,
    `create table companies (
       id ${int} primary key,
       account_id ${int} not null constraint companies_account references accounts (id),
       name text not null,
       code text not null,
       kind ${int} not null,
       address text not null,
       phone text not null,
       city text not null,
       province text not null,
       post_code text not null,
       country text not null,
       lang text not null,
       email text not null,
       department text not null,
       created_at ${int} not null,
       updated_at ${int} not null)${strict}`,
    `create index companies_by_account on companies (account_id, id)`,
  ]
}
