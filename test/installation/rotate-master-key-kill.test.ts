import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { callAdminSocket } from '../../src/admin/socket.ts'
import type { MasterKeyView } from '../../src/installation/show-master-keys.ts'
import { type Client, createClient, type Service, startService } from '../crash/service.ts'
import { application, type Engine, itOnEngine, type TestData, until } from '../support/service.ts'

const settings = { CHANCERY_EMULATOR: '1', CHANCERY_EMULATOR_PROOFS: '0' }

interface Fate {
  readonly point?: string
  readonly count?: number
  /** From the command on, ms. */
  readonly killAfterMs?: number
}

const bySide = (name: string): Fate[] => [{ point: `${name}:before` }, { point: `${name}:after` }]
const random = (count: number, mostMs: number): Fate[] => Array.from({ length: count }, () => ({ killAfterMs: Math.random() * mostMs }))

/** Where the process that rotates is killed. A commit on PostgreSQL has a moment more: sent, and not answered. */
const fates: Readonly<Record<Engine, readonly Fate[]>> = {
  sqlite: [
    { point: 'masterKey:after' },
    ...['announceMasterKey', 'switchMasterKey', 'reseal', 'closeMasterKey', 'storeSharedSecret', 'retireMasterKey'].flatMap(bySide),
    { point: 'reseal:before', count: 3 },
    { point: 'reseal:after', count: 4 },
    ...bySide('replaceFile'),
    ...random(14, 2_000),
  ],
  // Fewer: the next command waits until the killed process counts as ended.
  postgres: [
    { point: 'announceMasterKey:sent' },
    { point: 'switchMasterKey:after' },
    { point: 'reseal:sent', count: 2 },
    { point: 'closeMasterKey:before' },
    { point: 'closeMasterKey:sent' },
    { point: 'retireMasterKey:sent' },
    { point: 'retireMasterKey:after' },
    ...random(5, 6_000),
  ],
}

describe('a rotation that is killed', { concurrency: 2 }, () => {
  for (const engine of ['sqlite', 'postgres'] as const) {
    itOnEngine(engine, `goes on where it was, and the service starts at every moment (${engine})`, async (data) => {
      const issued: string[] = []
      const met = new Set<string>()
      // Some points are passed at the first start too.
      await live(data, undefined, async (client) => void issued.push(await issue(client)))
      for (const [turn, fate] of fates[engine].entries()) {
        await live(data, fate, async (client) => {
          met.add(await tellState(data))
          // The plan of the first account holds 20.
          if (turn % 2 === 0) issued.push(await issue(client))
          const when = `before ${fate.point ?? `${fate.killAfterMs} ms`}`
          for (const orderId of new Set([...issued.slice(0, 1), ...issued.slice(-2)])) await assertKeyServed(client, orderId, when)
        })
      }
      await live(data, undefined, async (client) => {
        await callAdminSocket(data.folder, 'keys-rotate-master', {})
        for (const orderId of issued) await assertKeyServed(client, orderId, 'at the end')
        const { current, next, sealed } = await showKeys(data)
        assert.deepEqual([Object.keys(sealed), next], [[current], undefined])
        const crl = (await callAdminSocket(data.folder, 'ca-root-crl', {}))?.result as { number: number }
        assert.equal(crl.number, 2)
        const audit = (await callAdminSocket(data.folder, 'audit-verify', {}))?.result as { faults: readonly string[] }
        assert.deepEqual(audit.faults, [])
      })
      // The kills met every stage, and the files tell of nothing half done.
      assert.deepEqual([...met].toSorted(), ['between', 'next and old', 'none'])
      assert.deepEqual(
        readdirSync(data.folder).filter((name) => name.endsWith('.next') || name.endsWith('.new')),
        [],
      )
    })
  }
})

/** One life: serves, is told to rotate, and dies at its point; without a fate it is asked to stop. */
async function live(data: TestData, fate: Fate | undefined, use: (client: Client) => Promise<void>): Promise<void> {
  const service = await startService(data, settings, fate?.point === undefined ? {} : { point: fate.point, count: fate.count ?? 1 })
  if (service.endpoint === undefined) assert.fail(`the service does not start: ${(await service.death).errors}`)
  const client = createClient(service.endpoint)
  try {
    await use(client)
    if (fate !== undefined) await rotateUntilKilled(data, service, fate)
  } finally {
    client.close()
    await service.kill(fate === undefined ? 'SIGTERM' : 'SIGKILL')
  }
  const death = await service.death
  if (fate?.point !== undefined) assert.equal(death.point, fate.point, `not killed there: ${death.errors}`)
}

async function rotateUntilKilled(data: TestData, service: Service, { point, killAfterMs }: Fate): Promise<void> {
  if (killAfterMs !== undefined) void sleep(killAfterMs).then(() => service.kill('SIGKILL'))
  // The first command may only finish what an earlier kill left, and not come past the point.
  const isDone = await rotate(data)
  if (isDone && point !== undefined) await rotate(data)
  await service.death
}

/** False if the process ended meanwhile. */
async function rotate(data: TestData): Promise<boolean> {
  try {
    return (await callAdminSocket(data.folder, 'keys-rotate-master', {})) !== undefined
  } catch (error) {
    // The connection broke; a refusal is an error of the test.
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}

async function issue(client: Client): Promise<string> {
  const { status, body } = await client.call('CreateCertificateRequest', { ...application, KeyAlgorithm: 'ECC_256' })
  assert.equal(status, 200, body.toString())
  const orderId = String((JSON.parse(body.toString()) as { OrderId: number }).OrderId)
  await until('the certificate', async () => ((await showOrder(client, orderId))['Type'] === 'certificate' ? true : undefined))
  return orderId
}

async function assertKeyServed(client: Client, orderId: string, when: string): Promise<void> {
  assert.match(String((await showOrder(client, orderId))['PrivateKey']), /^-----BEGIN EC PRIVATE KEY-----/, when)
}

async function showOrder(client: Client, orderId: string): Promise<Record<string, unknown>> {
  const { body } = await client.call('DescribeCertificateState', { OrderId: orderId })
  return JSON.parse(body.toString()) as Record<string, unknown>
}

async function showKeys(data: TestData): Promise<MasterKeyView> {
  return (await callAdminSocket(data.folder, 'keys-show', {}))?.result as MasterKeyView
}

/** How far the rotation was that a kill interrupted. */
async function tellState(data: TestData): Promise<string> {
  const { next, sealed } = await showKeys(data)
  if (next === undefined) return 'none'
  return sealed[next] === undefined ? 'next and old' : 'between'
}
