import { setImmediate as letOthersWork } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { BLOCK_LINES, findInBlock, type KeywordKind, mayHold } from './keyword-lines.ts'
import type { Schema } from './schema.ts'

/** Lines of one account and kind. */
export interface KeywordScope {
  readonly engine: 'sqlite' | 'postgres'
  readonly accountId: number
  readonly kind: KeywordKind
}

/** Blocks that are read at once: some two megabytes, a few milliseconds. */
const BLOCKS_AT_ONCE = 8

/**
 * Ids of the lines that hold a keyword (see `readKeyword`), in parts, the highest first over all of them. Lines of what was deleted meanwhile are
 * among them: the reader looks at the rows.
 *
 * A keyword may begin anywhere in a name. Blocks that hold all its groups of three characters are passed over once, at the speed of a text
 * search; whoever stops early pays for what was read. An index of such groups in the database (FTS5) was measured: it costs each order more than
 * its other indexes together, and is slower for keywords made of common parts.
 */
export async function* searchKeyword(
  read: Kysely<Schema>,
  scope: KeywordScope,
  ask: { readonly keyword: string; readonly below: number },
): AsyncGenerator<readonly number[]> {
  // First the lines: one that is packed between the two reads is then found twice, and not missed.
  const loose = await searchLines(read, scope, ask)
  const all = await read
    .selectFrom('keyword_blocks')
    .select(['max_id', 'grams'])
    .where('account_id', '=', scope.accountId)
    .where('kind', '=', scope.kind)
    .where('min_id', '<', ask.below)
    .orderBy('max_id', 'desc')
    .execute()
  const blocks = all.filter(({ grams }) => mayHold(grams, ask.keyword))
  let waiting = new Set(loose)
  for (let done = 0; done < blocks.length; done += BLOCKS_AT_ONCE) {
    const part = blocks.slice(done, done + BLOCKS_AT_ONCE).map(({ max_id: maxId }) => maxId)
    for (const body of await readBlocks(read, scope, part, ask.keyword)) {
      for (const id of findInBlock(body, ask.keyword)) if (id < ask.below) waiting.add(id)
    }
    // What is above every block to come cannot be preceded any more.
    const frontier = blocks[done + BLOCKS_AT_ONCE]?.max_id ?? -1
    const [ready, rest] = [[...waiting].filter((id) => id > frontier), [...waiting].filter((id) => id <= frontier)]
    waiting = new Set(rest)
    if (ready.length > 0) yield ready.sort(descending)
    await letOthersWork()
  }
  if (waiting.size > 0) yield [...waiting].sort(descending)
}

function descending(a: number, b: number): number {
  return b - a
}

async function searchLines(
  read: Kysely<Schema>,
  { engine, accountId, kind }: KeywordScope,
  { keyword, below }: { readonly keyword: string; readonly below: number },
): Promise<number[]> {
  const rows = await read
    .selectFrom('keyword_lines')
    .select('id')
    .where('account_id', '=', accountId)
    .where('kind', '=', kind)
    .where('id', '<', below)
    .where(holds(engine, 'line', keyword))
    .execute()
  return rows.map(({ id }) => id)
}

async function readBlocks(
  read: Kysely<Schema>,
  { engine, accountId, kind }: KeywordScope,
  maxIds: readonly number[],
  keyword: string,
): Promise<string[]> {
  let query = read
    .selectFrom('keyword_blocks')
    .select('body')
    .where('account_id', '=', accountId)
    .where('kind', '=', kind)
    .where('max_id', 'in', maxIds)
  // A server sends only what is worth sending; in the process the text search of the language is the faster one.
  if (engine === 'postgres') query = query.where(holds(engine, 'body', keyword))
  return (await query.execute()).map(({ body }) => body)
}

function holds(engine: KeywordScope['engine'], column: 'line' | 'body', keyword: string) {
  return sql<boolean>`${sql.raw(engine === 'postgres' ? 'strpos' : 'instr')}(${sql.ref(column)}, ${keyword}) > 0`
}

/** Accounts and kinds that have lines for a block of their own, or will soon. */
export async function listLineOwners(read: Kysely<Schema>): Promise<{ account_id: number; kind: KeywordKind }[]> {
  return await read
    .selectFrom('keyword_lines')
    .select(['account_id', 'kind'])
    // Word for word as the index has it.
    .where(sql<boolean>`id % 512 = 0`)
    .distinct()
    .execute()
}

/** The lines that the next block of an account takes, by id; undefined as long as they do not fill one. */
export async function findLinesToPack(
  read: Kysely<Schema>,
  accountId: number,
  kind: KeywordKind,
): Promise<{ id: number; line: string }[] | undefined> {
  const rows = await read
    .selectFrom('keyword_lines')
    .select(['id', 'line'])
    .where('account_id', '=', accountId)
    .where('kind', '=', kind)
    .orderBy('id')
    .limit(BLOCK_LINES)
    .execute()
  return rows.length < BLOCK_LINES ? undefined : rows
}
