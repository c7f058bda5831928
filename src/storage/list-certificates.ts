import { type Kysely, sql } from 'kysely'
import type { CertificateCardRow } from './certificate-cards.ts'
import { type EndBounds, within } from './list-orders.ts'
import { ofAccount, type RangeList } from './list-ranges.ts'
import type { CertificateOrigin, Schema } from './schema.ts'

/** Certificates that are wanted. Deleted ones are never among them. */
export interface CertificateFilter {
  readonly accountId: number
  readonly group: string | undefined
  readonly origins: readonly CertificateOrigin[]
  /** Revoked ones, or others whose end lies within bounds; undefined: all. */
  readonly only: 'revoked' | { readonly ends: EndBounds } | undefined
  /** These alone. */
  readonly ids: readonly number[] | undefined
}

/** The ranges of a filter. Certificates by their end come with the latest end first, others with the newest. */
export function certificateRanges(filter: CertificateFilter): RangeList {
  const { accountId, group, only, ids } = filter
  const inGroup = group === undefined ? sql`account_id = ${accountId}` : sql`account_id = ${accountId} and resource_group = ${group}`
  const wanted =
    only === undefined
      ? sql`deleted_at is null`
      : only === 'revoked'
        ? sql`deleted_at is null and revoked_at is not null`
        : sql`deleted_at is null and revoked_at is null and ${within('not_after', only.ends)}`
  // The ids of one call are few: no range is needed.
  if (ids !== undefined) {
    const among = ids.length === 0 ? sql`1 = 0` : sql`id in (${sql.join(ids)})`
    const origins = sql.join(filter.origins.map((origin) => sql.lit(origin)))
    return {
      table: 'certificate_cards',
      by: undefined,
      isWhole: false,
      ranges: [sql`${among} and ${inGroup} and origin in (${origins}) and ${wanted}`],
    }
  }
  return {
    table: 'certificate_cards',
    by: typeof only === 'object' ? 'not_after' : undefined,
    isWhole: group === undefined && only === undefined && filter.origins.length > 1,
    ranges: filter.origins.map((origin) => sql`${inGroup} and origin = ${sql.lit(origin)} and ${wanted}`),
  }
}

/** Certificates of the account in the order of the ids given; ids that are none of it are left out. */
export async function listCertificateRows(read: Kysely<Schema>, accountId: number, ids: readonly number[]): Promise<CertificateCardRow[]> {
  if (ids.length === 0) return []
  const rows = await read
    .selectFrom('certificate_cards')
    .selectAll()
    .where('id', 'in', ids)
    .where(ofAccount(accountId))
    .where('deleted_at', 'is', null)
    .execute()
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}
