import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { reportNotRun } from '../support/not-run.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { createBook } from './book.ts'
import { checkInvariants, readSnapshot } from './invariants.ts'
import { createClient, type ServiceData, startService } from './service.ts'

// With the HTTPS listener, so that the certificate of the listener is made too.
const settings = { CHANCERY_HTTPS_LISTEN: '127.0.0.1:0' }
const moments = ['before', 'after']
const points = [
  'masterKey:after',
  'rootKey:after',
  ...['createInstallation', 'storeServiceCertificate', 'storeCrl'].flatMap((name) => moments.map((moment) => `${name}:${moment}`)),
  'signCrl:after',
]
const startMs = [50, 150, 250, 350, 450]

describe('a first start that is killed', { concurrency: 2 }, () => {
  it('gives one whole installation at the next start on SQLite', async () => {
    for (const point of points) await killFirstStart(undefined, { point })
    for (const killAfterMs of startMs) await killFirstStart(undefined, { killAfterMs })
  })

  it('gives one whole installation at the next start on PostgreSQL', async (t) => {
    const databaseUrl = await createTestDatabase()
    if (databaseUrl === undefined) {
      reportNotRun('killed first starts on PostgreSQL', 'no PostgreSQL runs here')
      return t.skip()
    }
    const sent = ['createInstallation:sent', 'storeServiceCertificate:sent']
    for (const point of [...points, ...sent]) await killFirstStart(await createTestDatabase(), { point })
    for (const killAfterMs of startMs) await killFirstStart(await createTestDatabase(), { killAfterMs })
  })
})

async function killFirstStart(databaseUrl: string | undefined, fate: { point?: string; killAfterMs?: number }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-crash-start-'))
  const data: ServiceData = { folder, databaseUrl }
  try {
    const killed = await startService(data, settings, fate)
    const death = await killed.death
    assert.equal(death.signal, 'SIGKILL', `the service ended by itself: ${death.errors}`)
    assert.equal(death.point, fate.point)
    await assertWholeInstallation(data, `after a kill at ${fate.point ?? `${fate.killAfterMs} ms`}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The next start serves with the given key, and there is one of everything. */
async function assertWholeInstallation(data: ServiceData, when: string): Promise<void> {
  const service = await startService(data, settings)
  if (service.endpoint === undefined) assert.fail(`the service does not start ${when}: ${(await service.death).errors}`)
  const client = createClient(service.endpoint)
  try {
    const { status, body } = await client.call('DescribePackageState', {})
    assert.equal(status, 200, `${when}: ${body.toString()}`)
    const { TotalCount, UsedCount } = JSON.parse(body.toString()) as Record<string, unknown>
    assert.deepEqual({ TotalCount, UsedCount }, { TotalCount: 20, UsedCount: 0 }, when)
    assert.equal((await client.get('/ca/root.pem')).status, 200)
  } finally {
    client.close()
    await service.kill('SIGTERM')
  }
  assert.equal((await service.death).code, 0)
  await readSnapshot(data, async (read) => {
    await checkInvariants(read, createBook('none'))
    for (const [table, count] of [
      ['installation', 1],
      ['accounts', 1],
      ['access_keys', 1],
      ['issuers', 2],
    ] as const) {
      assert.equal((await read.selectFrom(table).selectAll().execute()).length, count, `${table} ${when}`)
    }
    const services = await read.selectFrom('certificates').select('id').where('source', '=', 'service').execute()
    assert.ok(services.length >= 1, `the listener has no certificate ${when}`)
  })
}
