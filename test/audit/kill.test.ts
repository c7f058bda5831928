import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { verifyLog } from '../../src/audit/verify-log.ts'
import { type Client, createClient, rootKey, type Service, startService } from '../crash/service.ts'
import { type Engine, itOnEngine, type TestData, until, withService } from '../support/service.ts'

/** Where the process that seals dies. A commit on PostgreSQL has a moment more: sent, and not answered. */
const fates: Readonly<Record<Engine, readonly { point: string; count: number }[]>> = {
  sqlite: [
    { point: 'createAuditLog:after', count: 1 },
    { point: 'sealEvents:before', count: 1 },
    { point: 'sealEvents:after', count: 1 },
    { point: 'sealEvents:after', count: 3 },
    { point: 'storeCallEvents:before', count: 2 },
    { point: 'storeCallEvents:after', count: 2 },
  ],
  postgres: [
    { point: 'createAuditLog:sent', count: 1 },
    { point: 'sealEvents:sent', count: 1 },
    { point: 'sealEvents:after', count: 2 },
    { point: 'storeCallEvents:sent', count: 2 },
  ],
}

describe('a log whose sealer is killed', { concurrency: 2 }, () => {
  for (const engine of ['sqlite', 'postgres'] as const) {
    itOnEngine(engine, `has every change that was answered, once, without a gap (${engine})`, async (data) => {
      const answered: string[] = []
      for (const fate of fates[engine]) {
        const service = await startService(data, {}, fate)
        await useUntilDead(service, answered)
        assert.equal((await service.death).point, fate.point)
      }
      await assertWhole(data, answered)
    })
  }

  itOnEngine('postgres', 'goes on in another of three processes, whichever is killed', async (data) => {
    const answered: string[] = []
    const services = [await startService(data, {})]
    services.push(...(await Promise.all([startService(data, {}), startService(data, {})])))
    const using = services.map((service) => useUntilDead(service, answered))
    await sleep(1_500)
    for (const service of services) {
      await service.kill('SIGKILL')
      await sleep(1_000)
    }
    await Promise.all(using)
    await assertWhole(data, answered)
  })
})

/** Makes changes and reads until the process is gone; notes the request ids of changes that were answered. */
async function useUntilDead({ endpoint, death }: Service, answered: string[]): Promise<void> {
  if (endpoint === undefined) return
  const client = createClient(endpoint)
  const dead = new AbortController()
  void death.then(() => dead.abort())
  while (!dead.signal.aborted) {
    const requestId = await change(client)
    if (requestId !== undefined) answered.push(requestId)
    await sleep(20)
  }
  client.close()
}

/** Undefined if the connection broke. */
async function change(client: Client): Promise<string | undefined> {
  try {
    await client.call('DescribePackageState', {})
    const { status, body } = await client.call('PurchasePackage', { ProductCode: 'digicert-free-1-free', Count: '1' }, '2026-12-01')
    return status === 200 ? (JSON.parse(body.toString()) as { RequestId: string }).RequestId : undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

async function assertWhole(data: TestData, answered: readonly string[]): Promise<void> {
  assert.ok(answered.length > 5, String(answered.length))
  const env = { CHANCERY_ROOT_ACCESS_KEY_ID: rootKey.accessKeyId, CHANCERY_ROOT_ACCESS_KEY_SECRET: rootKey.secret }
  await withService(
    data,
    async ({ services }) => {
      const found = await until('all to be sealed', async () => {
        const now = await verifyLog(services, undefined, undefined)
        assert.deepEqual(now.faults, [])
        return now.unsealed === 0 ? now : undefined
      })
      const events = await services.db.read.selectFrom('events').select(['request_id', 'log_index']).orderBy('log_index').execute()
      assert.deepEqual(
        events.slice(0, found.size).map(({ log_index }) => log_index),
        Array.from({ length: found.size }, (_, index) => index),
      )
      const times = new Map<string, number>()
      for (const { request_id } of events) if (request_id !== null) times.set(request_id, (times.get(request_id) ?? 0) + 1)
      assert.deepEqual(
        answered.filter((requestId) => times.get(requestId) !== 1),
        [],
      )
    },
    env,
  )
}
