import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { loadSettings } from '../../src/config.ts'
import { type RunningProcess, startProcess } from '../../src/main.ts'
import type { ServicePorts } from '../../src/open-services.ts'
import type { Services } from '../../src/services.ts'
import { reportNotRun } from './not-run.ts'
import { createTestDatabase } from './postgres.ts'
import { type CallAnswer, callSigned, type CallOptions, rootKey } from './signed-call.ts'

export type Engine = 'sqlite' | 'postgres'
export const engines: readonly Engine[] = ['sqlite', 'postgres']

/** Where a service keeps what outlives it. */
export interface TestData {
  readonly folder: string
  /** Undefined: SQLite in the folder. */
  readonly databaseUrl: string | undefined
  remove(): void
}

/** An empty data folder and, for PostgreSQL, an empty database. */
export async function createTestData(engine: Engine): Promise<TestData> {
  const databaseUrl = engine === 'postgres' ? await createTestDatabase() : undefined
  if (engine === 'postgres' && databaseUrl === undefined) throw new Error('no PostgreSQL: ask canRun first')
  const folder = mkdtempSync(join(tmpdir(), 'chancery-test-'))
  return { folder, databaseUrl, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Whether tests on the engine can run here; where not, the summary of the run says so. */
export function canRun(engine: Engine, what: string): boolean {
  if (engine === 'sqlite' || (process.env['TEST_POSTGRES_URL'] ?? '') !== '') return true
  reportNotRun(what, 'PostgreSQL cannot run here')
  return false
}

/** The settings that a service of a test begins with; no port is fixed, no key made ahead. */
export function testSettings(data: TestData): Record<string, string> {
  return {
    CHANCERY_DATA: data.folder,
    ...(data.databaseUrl !== undefined && { DATABASE_URL: data.databaseUrl }),
    CHANCERY_HTTP_LISTEN: '127.0.0.1:0',
    CHANCERY_HTTPS_LISTEN: 'off',
    CHANCERY_ADMIN_LISTEN: 'off',
    CHANCERY_ROOT_ACCESS_KEY_ID: rootKey.accessKeyId,
    CHANCERY_ROOT_ACCESS_KEY_SECRET: rootKey.secret,
    CHANCERY_RSA_POOL: '0',
    // Where a test needs proofs it names its own resolver; nothing may leave the loopback.
    CHANCERY_DNS_RESOLVERS: '127.0.0.1:9',
    CHANCERY_DNS_TIMEOUT_MS: '1000',
  }
}

/** A service in this process, as `src/main.ts` starts it. */
export interface TestService {
  readonly services: Services
  readonly addresses: RunningProcess['addresses']
  readonly installation: RunningProcess['installation']
  readonly data: TestData
  readonly accountId: number
  /** All that was logged so far, at every level. */
  readonly logLines: readonly string[]
  /** A signed call; it passes on whatever is answered. */
  call(action: string, parameters: Readonly<Record<string, string>>, options?: CallOptions): Promise<CallAnswer>
  /** The same for a call that must succeed. */
  succeed(action: string, parameters: Readonly<Record<string, string>>, options?: CallOptions): Promise<CallAnswer['body']>
  /** Gets a path of the HTTP listener. */
  get(path: string): Promise<Response>
  stop(): Promise<void>
}

/** Starts a service on its data. */
export async function startTestService(
  data: TestData,
  env: Readonly<Record<string, string>> = {},
  ports: ServicePorts = {},
): Promise<TestService> {
  const logLines: string[] = []
  const log = pino({ level: 'trace', base: null }, { write: (line: string) => void logLines.push(line) })
  const running = await startProcess(loadSettings({ ...testSettings(data), ...env }), log, (error) => assert.fail(error), ports)
  const base = running.addresses.http ?? ''
  const clock = ports.clock ?? Date.now
  const call: TestService['call'] = (action, parameters, options = {}) =>
    callSigned(base, action, parameters, { timestampMs: clock(), ...options })
  return {
    services: running.services,
    addresses: running.addresses,
    installation: running.installation,
    data,
    accountId: running.installation.rootAccountId,
    logLines,
    call,
    async succeed(action, parameters, options) {
      const answer = await call(action, parameters, options)
      assert.equal(answer.status, 200, answer.text)
      return answer.body
    },
    get: (path) => fetch(`${base}${path}`),
    stop: () => running.stop(),
  }
}

export interface SuiteOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly only?: Engine
  readonly ports?: () => ServicePorts
}

/** A suite for each engine, whose tests share one service. */
export function describeService(title: string, body: (service: () => TestService) => void, options: SuiteOptions = {}): void {
  for (const engine of options.only === undefined ? engines : [options.only]) {
    describe(`${title} (${engine})`, { skip: !canRun(engine, title) }, () => {
      let service: TestService | undefined
      before(async () => {
        service = await startTestService(await createTestData(engine), options.env, options.ports?.())
      })
      after(async () => {
        await service?.stop()
        service?.data.remove()
      })
      body(() => service ?? assert.fail('the service did not start'))
    })
  }
}

/** One test for each engine, on data of its own; the test starts what it needs on it. Tests of one suite may wait side by side. */
export function itOnBothEngines(title: string, body: (data: TestData, context: TestContext) => Promise<void>): void {
  for (const engine of engines) itOnEngine(engine, `${title} (${engine})`, body)
}

/** The same for one engine. */
export function itOnEngine(engine: Engine, title: string, body: (data: TestData, context: TestContext) => Promise<void>): void {
  it(title, { skip: !canRun(engine, title) }, async (context) => {
    const data = await createTestData(engine)
    try {
      await body(data, context)
    } finally {
      data.remove()
    }
  })
}

/** Starts a service, uses it, and stops it whatever happens. */
export async function withService<T>(
  data: TestData,
  use: (service: TestService) => Promise<T>,
  env?: Readonly<Record<string, string>>,
  ports?: ServicePorts,
): Promise<T> {
  const service = await startTestService(data, env, ports)
  try {
    return await use(service)
  } finally {
    await service.stop()
  }
}

/** Asks until the answer is one that was waited for. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, patienceMs = 20_000): Promise<T> {
  for (const deadline = Date.now() + patienceMs; ;) {
    const found = await ask()
    if (found !== undefined) return found
    if (Date.now() > deadline) assert.fail(`waited in vain for: ${what}`)
    await sleep(50)
  }
}

/** A DV application that the starter plan pays. */
export const application = {
  ProductCode: 'digicert-free-1-free',
  Domain: 'www.example.com',
  ValidateType: 'DNS',
  Username: 'An Applicant',
  Phone: '13900001234',
  Email: 'applicant@example.com',
} as const
