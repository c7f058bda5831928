import type { Kysely, Selectable } from 'kysely'
import type { Schema } from './schema.ts'

export type EventRow = Selectable<Schema['events']>

/** The state of the log; undefined before its first event was sealed. */
export async function findAuditLog(read: Kysely<Schema>): Promise<Selectable<Schema['audit_log']> | undefined> {
  return await read.selectFrom('audit_log').selectAll().executeTakeFirst()
}

/** Events that are stored and not in the log yet. */
export async function listUnsealed(read: Kysely<Schema>, limit: number): Promise<EventRow[]> {
  return await read.selectFrom('events').selectAll().where('sealed_at', 'is', null).orderBy('id').limit(limit).execute()
}

export async function countUnsealed(read: Kysely<Schema>): Promise<number> {
  const row = await read
    .selectFrom('events')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('sealed_at', 'is', null)
    .executeTakeFirst()
  return row?.count ?? 0
}

export async function findTile(read: Kysely<Schema>, level: number, index: number): Promise<Uint8Array | undefined> {
  const row = await read.selectFrom('audit_tiles').select('hashes').where('level', '=', level).where('idx', '=', index).executeTakeFirst()
  return row?.hashes
}

/** All tiles of the higher levels. */
export async function listUpperTiles(read: Kysely<Schema>): Promise<{ level: number; idx: number; hashes: Uint8Array }[]> {
  return await read
    .selectFrom('audit_tiles')
    .select(['level', 'idx', 'hashes'])
    .where('level', '>', 0)
    .orderBy('level')
    .orderBy('idx')
    .execute()
}

/** Events of the log from one position to before another, by position; those whose body was deleted are missing. */
export async function listLogged(read: Kysely<Schema>, from: number, to: number): Promise<EventRow[]> {
  return await read
    .selectFrom('events')
    .selectAll()
    .where('log_index', '>=', from)
    .where('log_index', '<', to)
    .orderBy('log_index')
    .execute()
}

/** Events that claim a position outside the log as it is now, or to be sealed without one: at most a few. Each by an index of its own. */
export async function listMisplaced(read: Kysely<Schema>): Promise<number[]> {
  const some = read.selectFrom('events').select('id').limit(10)
  const beyond = await some.where('log_index', '>=', (is) => is.selectFrom('audit_log').select('size')).execute()
  const unplaced = await some.where('sealed_at', 'is not', null).where('log_index', 'is', null).execute()
  return [...beyond, ...unplaced].map(({ id }) => id)
}

/** What a look at the trail asks for; undefined: everything. Instants in ms. */
export interface EventFilter {
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly action?: string | undefined
  readonly kind?: string | undefined
  readonly principal?: string | undefined
  readonly resource?: string | undefined
  readonly requestId?: string | undefined
  readonly sourceIp?: string | undefined
  readonly decision?: 'Allow' | 'Deny' | undefined
  readonly code?: string | undefined
}

/** A place in the trail, newest first: of events of one instant the higher id is newer. */
export interface EventPosition {
  readonly at: number
  readonly id: number
}

export interface EventPage {
  readonly events: readonly EventRow[]
  /** Where to go on; undefined at the end. */
  readonly next: EventPosition | undefined
}

/** Events that one look passes over at most: with SQLite nobody else is served meanwhile. */
const MOST_PASSED = 10_000

/** The filters with an index each, the most telling first. */
const indexed = ['request_id', 'resource', 'principal'] as const

/**
 * One page of an account's events, the newest first, after a position. A filter without an index is held against {@link MOST_PASSED} events: the
 * page may be short, even empty, and is the last only without `next`.
 */
export async function listEvents(
  read: Kysely<Schema>,
  accountId: number,
  filter: EventFilter,
  { before, limit }: { readonly before: EventPosition | undefined; readonly limit: number },
): Promise<EventPage> {
  const wanted = new Map(
    Object.entries({
      request_id: filter.requestId,
      resource: filter.resource,
      principal: filter.principal,
      action: filter.action,
      kind: filter.kind,
      source_ip: filter.sourceIp,
      decision: filter.decision,
      code: filter.code,
    } satisfies Partial<Record<keyof EventRow, string | undefined>>).filter(([, value]) => value !== undefined) as [FilterColumn, string][],
  )
  const walked = indexed.find((column) => wanted.has(column))
  let walk = read.selectFrom('events').where('account_id', '=', accountId).orderBy('at', 'desc').orderBy('id', 'desc')
  if (walked !== undefined) walk = walk.where(walked, '=', wanted.get(walked) ?? '')
  if (filter.from !== undefined) walk = walk.where('at', '>=', filter.from)
  if (filter.to !== undefined) walk = walk.where('at', '<', filter.to)
  if (before !== undefined) {
    walk = walk.where('at', '<=', before.at).where((is) => is.or([is('at', '<', before.at), is('id', '<', before.id)]))
  }
  const rest = [...wanted].filter(([column]) => column !== walked)
  const end =
    rest.length === 0
      ? undefined
      : await walk
          .select(['at', 'id'])
          .offset(MOST_PASSED - 1)
          .limit(1)
          .executeTakeFirst()
  let query = walk.selectAll().limit(limit)
  for (const [column, value] of rest) query = query.where(column, '=', value)
  if (end !== undefined) query = query.where('at', '>=', end.at).where((is) => is.or([is('at', '>', end.at), is('id', '>=', end.id)]))
  const events = await query.execute()
  const last = events.at(-1)
  return { events, next: last !== undefined && events.length === limit ? { at: last.at, id: last.id } : end }
}

type FilterColumn = (typeof indexed)[number] | 'action' | 'kind' | 'source_ip' | 'decision' | 'code'

/** One event of the account, by its id or as the newest of a request. */
export async function findEvent(
  read: Kysely<Schema>,
  accountId: number,
  by: { readonly id: number } | { readonly requestId: string },
): Promise<EventRow | undefined> {
  return await read
    .selectFrom('events')
    .selectAll()
    .where('account_id', '=', accountId)
    .where((is) => ('id' in by ? is('id', '=', by.id) : is('request_id', '=', by.requestId)))
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** The first position of the log whose event is younger than an instant, of the bodies that are still there. */
export async function findFirstSince(read: Kysely<Schema>, at: number): Promise<number | undefined> {
  const row = await read
    .selectFrom('events')
    .select(({ fn }) => fn.min<number | null>('log_index').as('first'))
    .where('at', '>=', at)
    .where('log_index', 'is not', null)
    .executeTakeFirst()
  return row?.first ?? undefined
}
