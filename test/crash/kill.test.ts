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
import { assertNonceUsed, lastServedAcme, type ServedRequest } from './acme-post.ts'
import { finishAcme, placeAcme } from './acme-steps.ts'
import { age } from './age.ts'
import { type Book, createBook } from './book.ts'
import { assertReplayRefused, type People, type Surroundings } from './client-steps.ts'
import { chooseFates, type Fate, pointsOf } from './fates.ts'
import { checkInvariants, readSnapshot } from './invariants.ts'
import { finishAll, repeatUnanswered, runLoad } from './load.ts'
import { prepare } from './prepare.ts'
import { createClient, type Service, type ServiceData, startService } from './service.ts'

const kills = Number(process.env['CRASH_KILLS'] ?? '150')
const CHECK_EVERY = 10
/** A kill point that is not passed within this is given up for a kill from outside. */
const POINT_PATIENCE_MS = 4_000

// All at once: a service on SQLite waits most of its start for the second after the kill.
describe('a service that is killed while orders flow', { concurrency: 3 }, () => {
  for (const [half, title] of ['one half of the kills', 'the other half'].entries()) {
    it(`loses and doubles nothing on SQLite (${title})`, async () => {
      const points = pointsOf('sqlite').filter((_, index) => index % 2 === half)
      await survive('sqlite', undefined, Math.ceil(kills / 2), points)
    })
  }

  it('loses and doubles nothing on PostgreSQL', async (t) => {
    const databaseUrl = await createTestDatabase()
    if (databaseUrl === undefined) {
      reportNotRun('kill tests on PostgreSQL', 'no PostgreSQL runs here')
      return t.skip()
    }
    await survive('postgres', databaseUrl, kills, pointsOf('postgres'))
  })
})

async function survive(
  engine: 'sqlite' | 'postgres',
  databaseUrl: string | undefined,
  kills: number,
  points: readonly string[],
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), `chancery-crash-${engine}-`))
  const dns = await startDnsServer()
  const data: ServiceData = { folder, databaseUrl }
  const book = createBook(`${engine}.example.com`)
  const settings = {
    CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}`,
    CHANCERY_PRODUCTS_FILE: join(import.meta.dirname, 'products.json'),
  }
  try {
    const run: Run = { data, settings, dns, book, tally: new Map(), ...(await prepare(data, settings, book)) }
    for (const [index, fate] of chooseFates(points, kills).entries()) {
      await liveAndDie(run, fate)
      if ((index + 1) % CHECK_EVERY === 0) await readSnapshot(run.data, (read) => checkInvariants(read, run.book))
    }
    await endWell(run)
    const missed = points.filter((point) => !run.tally.has(point))
    report(engine, run, missed)
    // A point has its turn in about three of five kills.
    if (kills >= 4 * points.length) assert.deepEqual(missed, [], 'kill points that no process died at')
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
  readonly people: People
}

async function liveAndDie(run: Run, fate: Fate): Promise<void> {
  const settings = run.settings
  await age(run.data, run.book)
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
  const at: Surroundings = { client: createClient(service.endpoint ?? ''), book, dns, folder: data.folder, people: run.people }
  const timer = setTimeout(() => void service.kill('SIGKILL'), fate.kind === 'point' ? POINT_PATIENCE_MS : fate.ms)
  await runLoad(at, { signal: dead.signal, issuerId: run.issuerId, first: () => catchUp(at, run), later: () => age(data, book) })
  clearTimeout(timer)
  lastServed.set(run, at.client.signed ?? lastServed.get(run))
  lastAcme.set(run, lastServedAcme(at.client) ?? lastAcme.get(run))
  at.client.close()
  await ended
}

const lastServed = new WeakMap<Run, Parameters<typeof assertReplayRefused>[1] | undefined>()

const lastAcme = new WeakMap<Run, ServedRequest | undefined>()

async function catchUp(at: Surroundings, run: Run): Promise<void> {
  const signed = lastServed.get(run)
  if (signed !== undefined) await assertReplayRefused(at, signed)
  const request = lastAcme.get(run)
  if (request !== undefined) await assertNonceUsed(at, request)
  await repeatUnanswered(at)
}

/** A last life that nobody kills: all reaches its end, and everything adds up. */
async function endWell(run: Run): Promise<void> {
  const service = await startService(run.data, run.settings)
  if (service.endpoint === undefined) assert.fail(`the service did not start: ${(await service.death).errors}`)
  const { data, book, dns, people } = run
  const at: Surroundings = { client: createClient(service.endpoint), book, dns, folder: data.folder, people }
  await catchUp(at, run)
  await placeAcme(at)
  await age(data, book)
  await finishAll(at, 60_000)
  // Renewals that the end brought.
  await repeatUnanswered(at)
  await finishAll(at, 60_000)
  await finishAcme(at, 60_000)
  await waitForEnds(run)
  await waitForLastCrl(at, run)
  at.client.close()
  assert.equal((await service.kill('SIGTERM')).code, 0)
  await readSnapshot(run.data, async (read) => {
    await checkInvariants(read, run.book)
    const open = await read
      .selectFrom('orders')
      .select(['id', 'state'])
      .where('state', 'not in', ['issued', 'revoked', 'deleted'])
      .where((is) => is.or([is('acme_account_id', 'is', null), is('state', '!=', 'failed')]))
      .execute()
    assert.deepEqual(open, [], 'orders that reached no end')
  })
  if (run.data.databaseUrl === undefined) assertFileIsSound(run.data.folder)
}

/** What a killed process had claimed on PostgreSQL is another's when the lease is over, a minute later; no client of the ACME door hurries that. */
async function waitForEnds({ data }: Run): Promise<void> {
  const listOpen = (): Promise<{ id: number }[]> =>
    readSnapshot(data, (read) =>
      read
        .selectFrom('orders')
        .select('id')
        .where('acme_account_id', 'is not', null)
        .where('state', 'in', ['validating', 'ready'])
        .execute(),
    )
  for (const end = performance.now() + 90_000; (await listOpen()).length > 0; await sleep(500)) if (performance.now() > end) return
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

function report(engine: string, { tally, book }: Run, missed: readonly string[]): void {
  const total = [...tally.values()].reduce((sum, count) => sum + count, 0)
  const revoked = book.applications.filter(({ revocation }) => revocation === 'acknowledged').length
  const deleted = book.applications.filter(({ deletion }) => deletion === 'acknowledged').length
  console.log(
    `${engine}: ${total} kills; ${book.applications.length} orders, ${deleted} deleted, all others issued, ${revoked} revoked; ` +
      `${book.acme.applications.length} orders of ${book.acme.actors.length} ACME accounts; ${book.purchases.size} purchases; ${book.things.length} things; ${book.crls.size} CRLs seen`,
  )
  for (const [by, count] of [...tally].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`  ${String(count).padStart(3)}  ${by}`)
  if (missed.length > 0) console.log(`  not died at: ${missed.join(', ')}`)
}
