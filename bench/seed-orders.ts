/** How many orders, and whose. */
export interface Seed {
  readonly accountId: number
  readonly planId: number
  /** Any instance of the account: all seeded orders share it. */
  readonly instanceId: number
  /** Of orders, certificates and lines of the ledger. */
  readonly firstId: number
  readonly count: number
  /** The instant around which certificates end, ms. */
  readonly now: number
}

/** Names of seeded orders: a word, the number, and one of three domains. Lower-case, as SQL and JavaScript both make them. */
export function seededName(index: number): string {
  return `${words[index % words.length]}-${index}.${domains[index % domains.length]}`
}

const words = ['shop', 'mail', 'api', 'www', 'dev', 'stage', 'db', 'cache', 'node', 'edge']
const domains = ['example.com', 'example.net', 'corp.example.org']

/**
 * SQL that makes orders past the service, and the certificates of those that have one; the same on both engines. Of a hundred, 60 have expired,
 * 20 are valid, 5 about to expire, 5 revoked, 4 failed, 3 withdrawn, 1 under way and 2 deleted. The newest come last.
 */
export function seedStatements(seed: Seed): string[] {
  const { accountId, planId, instanceId, firstId, count, now } = seed
  const numbers = `with recursive numbers (i) as (select 0 union all select i + 1 from numbers where i < ${count - 1})`
  const pick = (column: string, of: readonly string[]) =>
    `case i % ${of.length} ${of.map((one, at) => `when ${at} then '${one}'`).join(' ')} end as ${column}`
  const rows = `select ${firstId} + i as id, i % 100 as kind, i as i,
    ${pick('word', words)}, ${pick('zone', domains)},
    case when i % 100 < 60 then ${now} - 86400000 - i * 1000 when i % 100 < 80 then ${now} + 2678400000 + i * 1000 else ${now} + 86400000 + i end as ends_at,
    ${now} - (${count} - i) * 1000 as at from numbers`
  const name = `word || '-' || i || '.' || zone`
  return [
    `insert into orders (id, account_id, instance_id, product_code, state, rev, run_at, attempts, principal, applied_by, level, method, domain, key_algorithm, applicant,
       validation_ends_at, certificate_id, created_at, updated_at, certificate_ends_at)
     ${numbers} select id, ${accountId}, ${instanceId}, 'bench-0',
       case when kind < 85 then 'issued' when kind < 90 then 'revoked' when kind < 94 then 'failed' when kind < 97 then 'withdrawn'
         when kind < 98 then 'validating' else 'deleted' end,
       3, null, 1, 'acs:ram::${accountId}:root', 'account/${accountId}', 'DV', 'DNS', ${name}, 'ECC_256', '{"username":"Tom","phone":"13900001234","email":"tom@example.com"}',
       at + 2592000000, case when kind < 90 then id end, at, at, case when kind < 90 then ends_at end from (${rows}) as seeded`,
    `insert into ledger_entries (id, plan_id, account_id, kind, units, order_id, idempotency_key, at)
     ${numbers} select id, ${planId}, ${accountId}, 'reserve', 1, id, 'reserve:' || id, at from (${rows}) as seeded`,
    `insert into certificate_cards (id, account_id, source, origin, order_id, instance, resource, name, name_key, common_name, sans, issuer, organization,
       country, province, city, serial, sha1, sha256, algorithm, key_size, sign_algorithm, has_key, not_before, not_after, revoked_at, created_at)
     ${numbers} select id, ${accountId}, 'order', case when kind % 4 = 0 then 'test' else 'buy' end, id, 'cas-ivauto-' || ${instanceId}, 'cas-cert-' || id,
       'cert-' || id, 'cert-' || id, ${name}, ${name}, 'Bench CA', '', '', '', '', 'aa' || id, 'bb' || id, 'cc' || id, 'ECC', 256, 'SHA256withECDSA', 1, at, ends_at,
       case when kind >= 85 then at end, at from (${rows}) as seeded where kind < 90`,
  ]
}
