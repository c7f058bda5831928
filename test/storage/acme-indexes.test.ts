import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe } from 'node:test'
import { type CompiledQuery, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { AcmeCaller } from '../../src/orders/acme/acme-caller.ts'
import { hashNames } from '../../src/orders/acme/same-order.ts'
import * as acmeOrders from '../../src/storage/acme-orders.ts'
import { findFreeInstance, hasOtherCertificate } from '../../src/storage/instances.ts'
import { connectionOptions } from '../../src/storage/postgres/connection.ts'
import type { Schema } from '../../src/storage/schema.ts'
import { sqliteDialect } from '../../src/storage/sqlite/kysely-dialect.ts'
import { dear, doorSettings, issue, openDoor } from '../orders/acme/door.ts'
import { dayMs, load, onBothEngines, type TestServices, writeDirectly } from '../orders/open-test-services.ts'

const SEEDED = 5_000
const FIRST = 5_000_000
const names = ['a.example.com']

/** Copies of a row: what is given stands in place of its columns; `n.i` counts. */
function copies(table: string, row: object, where: string, changes: Readonly<Record<string, string>>): string {
  const columns = Object.keys(row)
  return `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${SEEDED})
    insert into ${table} (${columns.join(', ')}) select ${columns.map((column) => changes[column] ?? `t.${column}`).join(', ')} from ${table} t, n where ${where}`
}

/** One ACME account with thousands of orders that rest on one authorization, and proofs of many names. */
async function seed(test: TestServices) {
  const caller = await openDoor(test)
  const { id, authorizationIds, certificateId } = await issue(test, caller, names)
  const [authorizationId = 0] = authorizationIds
  const { read } = test.services.db
  const order = await load(test, id)
  const acmeOrder = await read.selectFrom('acme_orders').selectAll().where('order_id', '=', id).executeTakeFirstOrThrow()
  const instance = await read.selectFrom('instances').selectAll().where('id', '=', order.instance_id).executeTakeFirstOrThrow()
  const authorization = await read.selectFrom('authorizations').selectAll().where('id', '=', authorizationId).executeTakeFirstOrThrow()
  const shared = { order_id: 0, authorization_id: 0 }
  for (const statement of [
    copies('instances', instance, `t.id = ${instance.id}`, { id: `${FIRST} + n.i`, names_sha256: `'n' || n.i` }),
    copies('orders', order, `t.id = ${id}`, { id: `${FIRST} + n.i`, instance_id: `${FIRST} + n.i` }),
    copies('acme_orders', acmeOrder, `t.order_id = ${id}`, { order_id: `${FIRST} + n.i` }),
    copies('order_authorizations', shared, `t.order_id = ${id}`, { order_id: `${FIRST} + n.i` }),
    copies('authorizations', authorization, `t.id = ${authorizationId}`, {
      id: `${FIRST} + n.i`,
      identifier: `'n' || (n.i % 50) || '.example.com'`,
      validated_at: `t.validated_at - n.i`,
    }),
  ])
    await writeDirectly(test, statement)
  if (test.services.db.engine === 'postgres') await writeDirectly(test, 'analyze')
  return { caller, order, authorizationId, certificateId }
}

/** All that the door reads of orders and authorizations. */
async function readAll(read: Kysely<Schema>, caller: AcmeCaller, seeded: Awaited<ReturnType<typeof seed>>, now: number): Promise<void> {
  const { acmeAccountId } = caller
  const { accountId, principal } = caller.context.caller
  const { order, authorizationId, certificateId } = seeded
  await acmeOrders.findAcmeOrder(read, acmeAccountId, order.id)
  await acmeOrders.findOpenOrderOfWish(read, acmeAccountId, order.wish_sha256 ?? '')
  await acmeOrders.listAcmeOrderIds(read, acmeAccountId, { before: FIRST, limit: 10 })
  await acmeOrders.countOpenOfPrincipal(read, accountId, principal)
  await acmeOrders.findAuthorization(read, acmeAccountId, authorizationId)
  await acmeOrders.findAuthorizationOfAny(read, authorizationId)
  await acmeOrders.listOpenOrdersOfAuthorization(read, FIRST)
  await acmeOrders.listDueChallenges(read, now, 10)
  await acmeOrders.nextChallengeDue(read, now)
  const searched = ['n1.example.com', '*.n1.example.com', ...names]
  const proofs = await acmeOrders.listProofs(read, accountId, searched, now - 200 * dayMs, acmeAccountId)
  assert.equal(proofs.length, 9)
  await acmeOrders.isReplaced(read, certificateId)
  await acmeOrders.listHeldIdentifiers(read, { accountId, acmeAccountId, identifiers: names, now })
  assert.equal(
    (await findFreeInstance(read, { accountId, productCode: dear, namesSha256: hashNames(names), at: now }))?.id,
    order.instance_id,
  )
  await hasOtherCertificate(read, order.instance_id, order.id)
}

describe('what the ACME door reads', () => {
  onBothEngines(
    'is read by indexes, however many orders there are',
    async (test) => {
      const seeded = await seed(test)
      const asked: CompiledQuery[] = []
      const log = ({ query }: { readonly query: CompiledQuery }) => void asked.push(query)
      const steps = test.services.db.engine === 'sqlite' ? openSqlite(test, log) : openPostgres(test, log)
      try {
        await readAll(steps.read, seeded.caller, seeded, test.clock.now)
        const queries = asked.slice()
        assert.ok(queries.length >= 14)
        for (const query of queries) {
          const found = await steps.explain(query)
          const bad = found.filter((step) =>
            /^SCAN (?!newest|CONSTANT)(?!.*USING (COVERING )?INDEX .*_due)|Seq Scan on|^USE TEMP B-TREE FOR ORDER/.test(step),
          )
          assert.deepEqual(bad, [], `${query.sql}: ${found.join('; ')}`)
        }
      } finally {
        await steps.close()
      }
    },
    doorSettings,
  )
})

interface Steps {
  readonly read: Kysely<Schema>
  /** How the engine answers a query, one line for each step. */
  explain(query: CompiledQuery): Promise<string[]>
  close(): Promise<void>
}

type Log = (event: { readonly query: CompiledQuery }) => void

function openSqlite({ folder }: TestServices, log: Log): Steps {
  const file = new DatabaseSync(join(folder, 'chancery.db'), { readOnly: true })
  return {
    read: new Kysely<Schema>({ dialect: sqliteDialect(file), log }),
    explain: async ({ sql, parameters }) =>
      file
        .prepare(`explain query plan ${sql}`)
        .all(...(parameters as number[]))
        .map((row) => String(row['detail'])),
    close: async () => file.close(),
  }
}

function openPostgres({ services }: TestServices, log: Log): Steps {
  const pool = new pg.Pool({ ...connectionOptions(services.settings.databaseUrl ?? '', 'test'), max: 1 })
  return {
    read: new Kysely<Schema>({ dialect: new PostgresDialect({ pool }), log }),
    async explain({ sql, parameters }) {
      const { rows } = await pool.query<Record<string, string>>(`explain ${sql}`, [...parameters])
      return rows.flatMap((row) => Object.values(row))
    },
    close: () => pool.end(),
  }
}
