import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Client } from 'pg'
import { BLOCK_LINES } from '../../src/storage/keyword-lines.ts'
import type { Book } from './book.ts'
import type { ServiceData } from './service.ts'

/** What the lines say that are not of any certificate. */
export const AGED_LINE = 'a line that is old enough'

/**
 * Lets time pass where only time leads to a step: proofs of orders that nobody proves are overdue, challenges are looked at again, keys of revoked
 * certificates have to be destroyed, tokens of orders that are over are forgotten, lines that keywords are looked for in have become enough for a
 * block. What has aged is not asked for again.
 */
export async function age(data: ServiceData, { applications, acme }: Book): Promise<void> {
  const ripe = applications.filter(({ orderId, aged }) => orderId !== undefined && !aged)
  const overdue = ripe.filter(({ aim }) => aim === 'fail')
  const forgotten = ripe.filter(({ deletion }) => deletion === 'acknowledged')
  const expired = acme.applications.filter(({ orderId, aim, aged }) => orderId !== undefined && aim === 'expire' && !aged)
  for (const application of [...overdue, ...forgotten, ...expired]) application.aged = true
  const list = (texts: readonly (string | number | undefined)[]) => texts.map((text) => `'${text}'`).join(', ')
  await run(data, [
    ...manyLines,
    `update keys set destroy_at = 1 where sealed is not null
       and id in (select key_id from certificates where revoked_at is not null and key_id is not null)`,
    `update authorizations set run_at = 1 where state = 'processing'`,
    ...(expired.length === 0
      ? []
      : [
          `update orders set validation_ends_at = 1, run_at = 1, rev = rev + 1
             where state = 'validating' and id in (${expired.map(({ orderId }) => orderId).join(', ')})`,
        ]),
    ...(overdue.length === 0
      ? []
      : [
          `update orders set validation_ends_at = 1, run_at = 1, rev = rev + 1
             where state = 'validating' and id in (${overdue.map(({ orderId }) => orderId).join(', ')})`,
        ]),
    ...(forgotten.length === 0
      ? []
      : [`update client_tokens set expires_at = 1 where token in (${list(forgotten.map(({ token }) => token))})`]),
  ])
}

/** Lines of nothing, with ids before all others, once those of before are packed. */
const manyLines = [
  `delete from keyword_blocks where max_id <= ${BLOCK_LINES}`,
  `with recursive counted (id) as (select 1 union all select id + 1 from counted where id < ${BLOCK_LINES})
     insert into keyword_lines (account_id, kind, id, line)
     select (select min(id) from accounts), 'certificate', id, '${AGED_LINE}' from counted
     where not exists (select 1 from keyword_lines where id <= ${BLOCK_LINES})`,
]

async function run({ folder, databaseUrl }: ServiceData, statements: readonly string[]): Promise<void> {
  if (databaseUrl === undefined) {
    const file = new DatabaseSync(join(folder, 'chancery.db'), { timeout: 10_000 })
    for (const statement of statements) file.exec(statement)
    file.close()
    return
  }
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  for (const statement of statements) await client.query(statement)
  await client.end()
}
