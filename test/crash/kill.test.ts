import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DnsServer, startDnsServer } from '../../demo/dns-server.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import { reportNotRun } from '../support/not-run.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { type Book, createBook } from './book.ts'
import { assertReplayRefused, buy, type Surroundings } from './client-steps.ts'
import { checkInvariants, findIssuerId, readSnapshot } from './invariants.ts'
import { pointsBetweenWrites, writesWithPoints } from './kill-points.ts'
import { finishAll, repeatUnanswered, runLoad } from './load.ts'
import { createClient, type Service, type ServiceData, startService } from './service.ts'

const kills = Number(process.env['CRASH_KILLS'] ?? '100')
/** The token of the purchase that pays for all orders. */
const LASTING_PLAN = 'lasting-plan'
const CHECK_EVERY = 10
const LONGEST_RANDOM_MS = 300
/** A kill point that is not passed within this is given up for a kill from outside. */
const POINT_PATIENCE_MS = 3_000

// All at once: a service on SQLite waits most of its start for the second after the kill.
describe('a service that is killed while orders flow', { concurrency: 3 }, () => {
  for (const half of ['one half of the kills', 'the other half']) {
    it(`loses and doubles nothing on SQLite (${half})`, async () => {
      await survive('sqlite', undefined, Math.ceil(kills / 2))
    })
  }

  it('loses and doubles nothing on PostgreSQL', async (t) => {
    const databaseUrl = await createTestDatabase()
    if (databaseUrl === undefined) {
      reportNotRun('kill tests on PostgreSQL', 'no PostgreSQL runs here')
      return t.skip()
    }
    await survive('postgres', databaseUrl, kills)
  })
})

async function survive(engine: 'sqlite' | 'postgres', databaseUrl: string | undefined, kills: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), `chancery-crash-${engine}-`))
  const dns = await startDnsServer()
  const data: ServiceData = { folder, databaseUrl }
  const book = createBook(`${engine}.example.com`)
  const settings = { CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}` }
  try {
    const run: Run = { data, settings, dns, book, tally: new Map(), issuerId: await prepare(data, book) }
    for (const [index, fate] of chooseFates(engine, kills).entries()) {
      await liveAndDie(run, fate)
      if ((index + 1) % CHECK_EVERY === 0) await readSnapshot(run.data, (read) => checkInvariants(read, run.book))
    }
    await endWell(run)
    report(engine, run)
    if (kills >= 2 * pointsOf(engine).length) assert.deepEqual(missing(engine, run), [], 'kill points that no process died at')
  } finally {
    await dns.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Run {
  readonly data: ServiceData
  readonly settings: Readonly<Record<string, string>>
  readonly dns: DnsServer
  readonly book: Book
  /** Kills by what did them. */
  readonly tally: Map<string, number>
  readonly issuerId: string
}

type Fate =
  | { readonly kind: 'moment' | 'start'; readonly ms: number }
  | { readonly kind: 'point'; readonly point: string; readonly count: number }

/** Two of five kills at a random moment, one of twenty while the service starts, the rest at named points in turn; shuffled. */
function chooseFates(engine: 'sqlite' | 'postgres', kills: number): Fate[] {
  const points = pointsOf(engine)
  let turn = 0
  const fates = Array.from({ length: kills }, (_, index): Fate => {
    if (index % 20 === 7) return { kind: 'start', ms: 100 + Math.random() * 500 }
    if (index % 5 < 2) return { kind: 'moment', ms: Math.random() * LONGEST_RANDOM_MS }
    const point = points[turn++ % points.length] ?? ''
    const frequent = /^(placeOrder|recordAttempt|claimOrders)/.test(point)
    return { kind: 'point', point, count: frequent ? 1 + Math.floor(Math.random() * 3) : 1 }
  })
  return fates
    .map((fate) => ({ fate, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ fate }) => fate)
}

function pointsOf(engine: 'sqlite' | 'postgres'): string[] {
  const moments = engine === 'sqlite' ? ['before', 'after'] : ['before', 'sent', 'after']
  const writes = engine === 'sqlite' ? writesWithPoints : [...writesWithPoints, 'claimOrders']
  return [...writes.flatMap((name) => moments.map((moment) => `${name}:${moment}`)), ...pointsBetweenWrites]
}

/** A first life makes the installation and buys a plan that lasts. */
async function prepare(data: ServiceData, book: Book): Promise<string> {
  const service = await startService(data, {})
  if (service.endpoint === undefined) assert.fail(`the service did not start: ${(await service.death).errors}`)
  const client = createClient(service.endpoint)
  book.purchases.set(LASTING_PLAN, { count: 100_000, planId: undefined })
  await buy({ client, book, dns: { setTxt() {} }, folder: data.folder }, LASTING_PLAN)
  client.close()
  await service.kill('SIGTERM')
  assert.deepEqual(book.violations, [])
  return await readSnapshot(data, findIssuerId)
}

async function liveAndDie(run: Run, fate: Fate): Promise<void> {
  const settings = run.settings
  const service = await startService(
    run.data,
    settings,
    fate.kind === 'point' ? fate : fate.kind === 'start' ? { killAfterMs: fate.ms } : {},
  )
  if (service.endpoint !== undefined) await live(run, service, fate)
  const death = await service.death
  assert.equal(death.signal, 'SIGKILL', `the service ended by itself (status ${death.code}): ${death.errors}`)
  const by = death.point ?? (fate.kind === 'start' ? 'while starting' : fate.kind === 'moment' ? 'random moment' : 'point not reached')
  run.tally.set(by, (run.tally.get(by) ?? 0) + 1)
}

/** Clients work until the service dies; what had been served before it must not be served again after it. */
async function live(run: Run, service: Service, fate: Fate): Promise<void> {
  const { book, dns, data } = run
  const dead = new AbortController()
  const ended = service.death.then(() => dead.abort())
  const at: Surroundings = { client: createClient(service.endpoint ?? ''), book, dns, folder: data.folder }
  const timer = setTimeout(() => void service.kill('SIGKILL'), fate.kind === 'point' ? POINT_PATIENCE_MS : fate.ms)
  await runLoad(at, { signal: dead.signal, issuerId: run.issuerId, first: () => catchUp(at, run) })
  clearTimeout(timer)
  lastServed.set(run, at.client.signed ?? lastServed.get(run))
  at.client.close()
  await ended
}

const lastServed = new WeakMap<Run, Parameters<typeof assertReplayRefused>[1] | undefined>()

async function catchUp(at: Surroundings, run: Run): Promise<void> {
  const signed = lastServed.get(run)
  if (signed !== undefined) await assertReplayRefused(at, signed)
  await repeatUnanswered(at)
}

/** A last life that nobody kills: all reaches its end, and everything adds up. */
async function endWell(run: Run): Promise<void> {
  const service = await startService(run.data, run.settings)
  if (service.endpoint === undefined) assert.fail(`the service did not start: ${(await service.death).errors}`)
  const at: Surroundings = { client: createClient(service.endpoint), book: run.book, dns: run.dns, folder: run.data.folder }
  await catchUp(at, run)
  await finishAll(at, 60_000)
  await repeatUnanswered(at)
  await waitForLastCrl(at, run)
  at.client.close()
  assert.equal((await service.kill('SIGTERM')).code, 0)
  await readSnapshot(run.data, async (read) => {
    await checkInvariants(read, run.book)
    const open = await read.selectFrom('orders').select(['id', 'state']).where('state', 'not in', ['issued', 'revoked']).execute()
    assert.deepEqual(open, [], 'orders that reached no end')
  })
  if (run.data.databaseUrl === undefined) assertFileIsSound(run.data.folder)
}

/** The CRL that is served lists every revocation, also one that a kill came between; a minute is the promise. */
async function waitForLastCrl({ client }: Surroundings, { data, issuerId }: Run): Promise<void> {
  const rows = await readSnapshot(data, (read) =>
    read.selectFrom('certificates').select('serial').where('revoked_at', 'is not', null).execute(),
  )
  const missing = async (): Promise<string[]> => {
    const { body } = await client.get(`/crl/${issuerId}-0.crl`)
    const listed = new Set(parseCrl(body).revoked.map(({ serial }) => serial))
    return rows.map(({ serial }) => serial).filter((serial) => !listed.has(serial))
  }
  for (const end = performance.now() + 60_000; (await missing()).length > 0; await sleep(100)) {
    if (performance.now() > end) assert.fail(`revoked a minute ago and not in the CRL: ${(await missing()).join(', ')}`)
  }
}

function assertFileIsSound(folder: string): void {
  const file = new DatabaseSync(join(folder, 'chancery.db'), { readOnly: true })
  assert.deepEqual({ ...file.prepare('pragma integrity_check').get() }, { integrity_check: 'ok' })
  assert.deepEqual(file.prepare('pragma foreign_key_check').all(), [])
  file.close()
}

function missing(engine: 'sqlite' | 'postgres', { tally }: Run): string[] {
  return pointsOf(engine).filter((point) => !tally.has(point))
}

function report(engine: string, { tally, book }: Run): void {
  const total = [...tally.values()].reduce((sum, count) => sum + count, 0)
  const revoked = book.applications.filter(({ revocation }) => revocation === 'acknowledged').length
  console.log(
    `${engine}: ${total} kills; ${book.applications.length} orders, all issued, ${revoked} revoked; ` +
      `${book.purchases.size} purchases; ${book.crls.size} CRLs seen`,
  )
  for (const [by, count] of [...tally].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`  ${String(count).padStart(3)}  ${by}`)
}
