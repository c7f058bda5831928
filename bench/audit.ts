// What the audit trail costs: `node bench/audit.ts [EVENTS]`. Storing, sealing, verifying and looking, on SQLite in this process; with DATABASE_URL
// (an empty database) on PostgreSQL.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hrtime } from 'node:process'
import { proveInclusion } from '../src/audit/prove-inclusion.ts'
import { openAuditSealer } from '../src/audit/sealer.ts'
import { verifyLog } from '../src/audit/verify-log.ts'
import { type EventFilter, listEvents } from '../src/storage/audit.ts'
import { openBench } from './open-bench.ts'

const EVENTS = Number(process.argv[2] ?? '20000')
const BATCH = 200
const ACCOUNT = 1_111_111_111_111_111
const LOOKS = 20

const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-'))
const bench = await openBench({ folder, databaseUrl: process.env['DATABASE_URL'], plans: 1, rsaPool: 0 })
try {
  await measure()
} finally {
  await bench.close()
  rmSync(folder, { recursive: true, force: true })
}

async function measure(): Promise<void> {
  const { services } = bench
  const { db } = services
  console.log(`${EVENTS} events, ${db.engine}`)
  await time('stored', EVENTS, async () => {
    for (let done = 0; done < EVENTS; done += BATCH) await db.write.storeCallEvents({ events: await callsFrom(done) })
  })
  const sealer = await openAuditSealer(services, 'bench')
  // With what the installation has stored: no other figure needs them apart.
  await time('sealed', EVENTS, () => sealer.seal())
  await sealer.stop()
  await time('verified', EVENTS, async () => {
    const { faults } = await verifyLog(services, undefined, undefined)
    if (faults.length > 0) throw new Error(faults.join('; '))
  })
  const middle = await db.read
    .selectFrom('events')
    .select('id')
    .where('log_index', '=', Math.floor(EVENTS / 2))
    .executeTakeFirstOrThrow()
  const owner = await db.read.selectFrom('events').select('account_id').where('id', '=', middle.id).executeTakeFirstOrThrow()
  await look('a proof', () => proveInclusion(services, owner.account_id, middle))
  const filters: Readonly<Record<string, EventFilter>> = {
    nothing: {},
    'a request id': { requestId: `CALL-${Math.floor(EVENTS / 2)}` },
    'an hour in the middle': { from: EVENTS * 500, to: EVENTS * 500 + 3_600_000 },
    'a frequent action': { action: 'ListOrders' },
    'a rare principal': { principal: `acs:ram::${ACCOUNT}:user/rare` },
    'a principal that did nothing': { principal: `acs:ram::${ACCOUNT}:user/nobody` },
    'a rare resource': { resource: 'order/7' },
    'refusals, of which there are none': { decision: 'Deny' },
    'an address that called once': { sourceIp: '198.51.100.1' },
    'a rare code': { code: 'Rare' },
    'a rare action': { action: 'Rare' },
  }
  for (const [name, filter] of Object.entries(filters)) {
    await look(`50 events by ${name}`, () => listEvents(db.read, ACCOUNT, filter, { before: undefined, limit: 50 }))
  }
}

async function callsFrom(first: number) {
  const events = []
  for (let index = first; index < Math.min(first + BATCH, EVENTS); index++) {
    // The rare ones are the oldest: whoever looks for them passes over all others.
    const isRare = index === 7
    events.push({
      id: await bench.services.db.nextId('events'),
      accountId: ACCOUNT,
      at: index * 1_000,
      principal: `acs:ram::${ACCOUNT}:user/${isRare ? 'rare' : `user-${index % 20}`}`,
      accessKeyId: 'LTAIexample',
      action: isRare ? 'Rare' : index % 2 === 0 ? 'ListOrders' : 'DescribeCertificateState',
      sourceIp: isRare ? '198.51.100.1' : `192.0.2.${index % 200}`,
      requestId: `CALL-${index}`,
      resource: index % 2 === 0 && !isRare ? '*' : `order/${index}`,
      decision: 'Allow' as const,
      code: isRare ? 'Rare' : 'OK',
    })
  }
  return events
}

async function time(what: string, count: number, work: () => Promise<unknown>): Promise<void> {
  const [started, cpu] = [hrtime.bigint(), process.cpuUsage()]
  await work()
  const seconds = Number(hrtime.bigint() - started) / 1e9
  const { user, system } = process.cpuUsage(cpu)
  console.log(
    `${what.padEnd(46)} ${Math.round(count / seconds)
      .toString()
      .padStart(9)} events/s ${((user + system) / count).toFixed(1).padStart(8)} CPU µs an event`,
  )
}

async function look(what: string, ask: () => Promise<unknown>): Promise<void> {
  await ask()
  const started = hrtime.bigint()
  let asked = 0
  for (; asked < LOOKS && Number(hrtime.bigint() - started) < 3e9; asked++) await ask()
  console.log(`${what.padEnd(46)} ${(Number(hrtime.bigint() - started) / 1e6 / asked).toFixed(2).padStart(9)} ms`)
}
