import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hrtime } from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import type { RequestContext } from '../src/gateway/caller.ts'
import { listCertificates } from '../src/orders/list-certificates.ts'
import { listOrders } from '../src/orders/list-orders.ts'
import { orderStatuses } from '../src/orders/order-status.ts'
import { orderWork } from '../src/runner/order-work.ts'
import { BLOCK_LINES, gramsOf, joinBlock } from '../src/storage/keyword-lines.ts'
import { listOrderLedger } from '../src/storage/order-history.ts'
import { findOrder, listOrders as listOrdersByToken } from '../src/storage/orders.ts'
import { hasPlan, listLivePlans, sumPlans } from '../src/storage/plans.ts'
import { type Bench, openBench } from './open-bench.ts'
import { seedStatements } from './seed-orders.ts'
import { formatCount, type Table } from './table.ts'

const SIZE = 50
const FAR_PAGE = 100
/** A question is asked so often, unless that takes long. */
const ASKED = 15
const PATIENCE_MS = 2_000

/** Lists, the runner and placing an order beside so many orders of one account, on SQLite: the median of several calls, ms. */
export async function measureSizes(options: { counts: readonly number[]; tell: (text: string) => void }): Promise<Table> {
  const columns: Map<string, number>[] = []
  for (const count of options.counts) columns.push(await measureSize(count, options.tell))
  const names = [...(columns[0]?.keys() ?? [])]
  return {
    title: 'Beside many orders of one account: SQLite, median ms',
    head: ['what', ...options.counts.map((count) => `${formatCount(count)} orders`)],
    rows: names.map((name) => [name, ...columns.map((column) => (column.get(name) ?? Number.NaN).toFixed(2))]),
  }
}

async function measureSize(count: number, tell: (text: string) => void): Promise<Map<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-'))
  const bench = await openBench({ folder, databaseUrl: undefined, plans: 1, rsaPool: 0 })
  try {
    const started = hrtime.bigint()
    await seed(bench, folder, count)
    tell(`${formatCount(count)} orders seeded in ${(Number(hrtime.bigint() - started) / 1e9).toFixed(1)} s`)
    return await measureCalls(bench, tell)
  } finally {
    await bench.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Rows go past the service, straight into the file. Statistics are not made: a service makes none either. */
async function seed(bench: Bench, folder: string, count: number): Promise<void> {
  const { db, clock } = bench.services
  const orderId = await bench.place(0, 'ECC_256')
  const order = await db.read.selectFrom('orders').selectAll().where('id', '=', orderId).executeTakeFirstOrThrow()
  const { plan_id: planId } = await db.read
    .selectFrom('instances')
    .select('plan_id')
    .where('id', '=', order.instance_id)
    .executeTakeFirstOrThrow()
  // The service's own ids lie above: its block of them is taken before and used up afterwards only in part.
  const firstId = orderId + 1_000_000
  const connection = new DatabaseSync(join(folder, 'chancery.db'), { timeout: 10_000, enableForeignKeyConstraints: false })
  try {
    connection.exec('begin')
    const shape = { accountId: order.account_id, planId, instanceId: order.instance_id, firstId, count, now: clock() }
    for (const statement of seedStatements(shape)) connection.exec(statement)
    for (const [kind, table, text] of [
      ['order', 'orders', `domain || char(9) || 'cas-ivauto-' || instance_id || char(9) || 'cas-cert-' || id`],
      ['certificate', 'certificate_cards', `sans || char(9) || name_key || char(9) || instance || char(9) || resource`],
    ] as const) {
      packSeeded(connection, order.account_id, kind, `select id, ${text} as line from ${table} where id >= ${firstId} order by id`)
    }
    connection.exec(`update counters set next = ${firstId + count + 1_000} where name in ('orders', 'certificates')`)
    connection.exec('commit')
  } finally {
    connection.close()
  }
}

function packSeeded(connection: DatabaseSync, accountId: number, kind: string, query: string): void {
  const line = connection.prepare('insert into keyword_lines (account_id, kind, id, line) values (?, ?, ?, ?)')
  const block = connection.prepare('insert into keyword_blocks (account_id, kind, max_id, min_id, grams, body) values (?, ?, ?, ?, ?, ?)')
  let waiting: { id: number; line: string }[] = []
  for (const row of connection.prepare(query).iterate()) {
    waiting.push({ id: Number(row['id']), line: String(row['line']) })
    if (waiting.length < BLOCK_LINES) continue
    const body = joinBlock(waiting)
    block.run(accountId, kind, waiting.at(-1)?.id ?? 0, waiting[0]?.id ?? 0, gramsOf(body), body)
    waiting = []
  }
  for (const { id, line: text } of waiting) line.run(accountId, kind, id, text)
}

async function measureCalls(bench: Bench, tell: (text: string) => void): Promise<Map<string, number>> {
  const { services } = bench
  const { db, clock } = services
  const newest = await db.read.selectFrom('orders').select(['id', 'account_id']).orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow()
  const accountId = newest.account_id
  const context: RequestContext = {
    caller: { accountId, principal: `acs:ram::${accountId}:root`, accessKeyId: 'bench', identity: { kind: 'account' } },
    action: 'ListUserCertificateOrder',
    requestId: 'BENCH',
    sourceIp: '127.0.0.1',
    secureTransport: false,
  }
  const orders = (page: number, more: Partial<Parameters<typeof listOrders>[1]> = {}) =>
    listOrders(services, { context, status: undefined, keyword: undefined, group: undefined, page, size: SIZE, ...more })
  const certificates = (page: number, more: Partial<Parameters<typeof listCertificates>[1]> = {}) =>
    listCertificates(services, {
      context,
      origins: ['buy', 'test', 'upload'],
      choice: 'valid',
      group: undefined,
      ids: undefined,
      keyword: undefined,
      page,
      size: SIZE,
      ...more,
    })
  const walked = async (page: (number: number) => Promise<unknown>) => {
    for (let number = 1; number <= FAR_PAGE; number += 1) await page(number)
    return () => page(FAR_PAGE)
  }
  const alone = { ...context, action: 'of its own' }
  const work = orderWork(services, 'bench')
  const questions: [string, () => Promise<unknown>][] = [
    ['CPACK, first page', () => orders(1)],
    [`CPACK, page ${FAR_PAGE} after ${FAR_PAGE - 1}`, await walked(orders)],
    [
      `CPACK, page ${FAR_PAGE} at once`,
      () => orders(FAR_PAGE, { context: { ...alone, action: `of its own ${Math.floor(Number(hrtime.bigint()) / 1e3)}` } }),
    ],
    ...orderStatuses.map((status): [string, () => Promise<unknown>] => [`CPACK, ${status}, first page`, () => orders(1, { status })]),
    ['CERT, first page', () => certificates(1)],
    [`CERT, page ${FAR_PAGE} after ${FAR_PAGE - 1}`, await walked(certificates)],
    ['CERT, EXPIRED, first page', () => certificates(1, { choice: 'EXPIRED' })],
    ['UPLOAD, first page', () => certificates(1, { origins: ['upload'] })],
    ['ListCertificates, first page', () => certificates(1, { choice: undefined })],
    ['ListCert, REVOKE, first page', () => certificates(1, { choice: 'revoked' })],
    ['Keyword in every order', () => orders(1, { keyword: 'example' })],
    ['Keyword in a third of the orders', () => orders(1, { keyword: 'corp.' })],
    ['Keyword in the oldest order alone', () => orders(1, { keyword: 'shop-0.example' })],
    ['Keyword in no order', () => orders(1, { keyword: 'nothing-here' })],
    ['Keyword of common parts in no order', () => orders(1, { keyword: 'corp.example.com' })],
    ['Keyword of two letters in no order', () => orders(1, { keyword: 'qz' })],
    ['Keyword in no certificate', () => certificates(1, { keyword: 'nothing-here', choice: undefined })],
    ['Keyword in every order, PAYED', () => orders(1, { keyword: 'example', status: 'PAYED' })],
    ['ListOrders, first page', () => listOrdersByToken(db.read, accountId, undefined, SIZE)],
    ['DescribePackageState', () => sumPlans(db.read, accountId, 'bench-0', clock())],
    [
      'plans of a product',
      async () => [await listLivePlans(db.read, accountId, 'bench-0', clock()), await hasPlan(db.read, accountId, 'bench-0')],
    ],
    ['one order', () => findOrder(db.read, accountId, newest.id)],
    ['the ledger of one order', () => listOrderLedger(db.read, accountId, newest.id)],
    ['the runner takes due orders', () => work.take(16)],
    ['placing an order', () => bench.place(0, 'ECC_256')],
  ]
  const medians = new Map<string, number>()
  for (const [name, ask] of questions) medians.set(name, await median(ask))
  tell('measured')
  return medians
}

/** The median time of a call, ms; the first one is not counted. */
async function median(ask: () => Promise<unknown>): Promise<number> {
  await ask()
  const times: number[] = []
  const begun = hrtime.bigint()
  while (times.length < ASKED && Number(hrtime.bigint() - begun) < PATIENCE_MS * 1e6) {
    const started = hrtime.bigint()
    await ask()
    times.push(Number(hrtime.bigint() - started) / 1e6)
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}
