import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { sql } from 'kysely'
import { Client } from 'pg'
import type { TestService } from './service.ts'
import type { SigningKey } from './signed-call.ts'

const tablesOfCalls = [
  'accounts',
  'access_keys',
  'plans',
  'ledger_entries',
  'instances',
  'orders',
  'authorizations',
  'order_authorizations',
  'validation_attempts',
  'keys',
  'certificates',
  'certificate_cards',
  'uploaded_certificates',
  'issuance_intents',
  'tags',
  'contacts',
  'companies',
  'csrs',
  'client_tokens',
  'events',
] as const

/** How many rows each table holds that a call can write to, and how many units are used: equal before and after means nothing was stored. */
export async function countStored({ services: { db } }: Pick<TestService, 'services'>): Promise<Record<string, number>> {
  // Calls that changed nothing are put on record a second later, at any time as seen from here.
  const counts = tablesOfCalls.map(
    (table) => `(select count(*) from ${table}${table === 'events' ? " where kind <> 'call'" : ''}) as ${table}`,
  )
  const used = '(select sum(used) from plans) as units_used, (select sum(total) from plans) as units_bought'
  const { rows } = await sql.raw<Record<string, unknown>>(`select ${counts.join(', ')}, ${used}`).execute(db.read)
  return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)]))
}

/** Changes rows past all rules of the service, where no door leads to what a test needs. Parameters stand as `?`. */
export async function writeDirectly(
  { services: { db }, data }: Pick<TestService, 'services' | 'data'>,
  statement: string,
  parameters: readonly SQLInputValue[] = [],
): Promise<void> {
  if (db.engine === 'postgres') {
    const client = new Client({ connectionString: data.databaseUrl })
    await client.connect()
    let position = 0
    await client.query(
      statement.replaceAll('?', () => `$${++position}`),
      [...parameters],
    )
    await client.end()
    return
  }
  const connection = new DatabaseSync(join(data.folder, 'chancery.db'), { timeout: 5_000 })
  connection.prepare(statement).run(...parameters)
  connection.close()
}

/** Puts an order into a state that no door leads to yet, where no runner and no look at it moves it on. */
export async function setOrderState(service: TestService, orderId: number, state: string): Promise<void> {
  const inADay = service.services.clock() + 86_400_000
  await writeDirectly(service, 'update orders set state = ?, run_at = ?, rev = rev + 1 where id = ?', [state, inADay, orderId])
}

/** A second tenant with an access key of its own and no plan. */
export async function addAccount(service: TestService, accountId: number, key: SigningKey): Promise<void> {
  const { sealer } = service.services
  const now = Date.now()
  const sealed = sealer.seal(Buffer.from(key.secret), { purpose: 'accessKey', accountId, id: key.accessKeyId })
  await writeDirectly(service, 'insert into accounts (id, name, status, created_at) values (?, ?, ?, ?)', [
    accountId,
    key.accessKeyId,
    'active',
    now,
  ])
  await writeDirectly(
    service,
    'insert into access_keys (id, account_id, principal, secret_sealed, status, created_at) values (?, ?, ?, ?, ?, ?)',
    [key.accessKeyId, accountId, `acs:ram::${accountId}:root`, Buffer.from(sealed), 'Active', now],
  )
}
