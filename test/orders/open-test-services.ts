import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { it, type TestContext } from 'node:test'
import { sql } from 'kysely'
import pino from 'pino'
import { loadSettings } from '../../src/config.ts'
import type { Caller } from '../../src/gateway/caller.ts'
import type { OpenedInstallation } from '../../src/installation/open-installation.ts'
import { openServices } from '../../src/open-services.ts'
import { placeOrder, type OrderRequest } from '../../src/orders/place-order.ts'
import type { Services } from '../../src/services.ts'
import { originOf } from '../../src/storage/events.ts'
import { findOrderOfAnyAccount, type OrderRow } from '../../src/storage/orders.ts'
import type { DomainControl } from '../../src/validation/domain-control.ts'
import type { ProofAttempt } from '../../src/validation/proof.ts'
import { accountCaller, contextOf } from '../support/context.ts'
import { reportNotRun } from '../support/not-run.ts'
import { createTestDatabase } from '../support/postgres.ts'

export type Engine = 'sqlite' | 'postgres'
export const engines: readonly Engine[] = ['sqlite', 'postgres']

/** The instant at which the services of these tests are opened. */
export const start = Date.UTC(2026, 10, 24, 12, 0, 0)
export const dayMs = 86_400_000

/** Open services with a clock and a world of domain names that the test moves. */
export interface TestServices {
  readonly services: Services
  readonly installation: OpenedInstallation
  readonly folder: string
  readonly caller: Caller
  readonly clock: { now: number }
  /** What a look at the world shows; at first it finds no record. Replace `look` to script it. */
  readonly world: { look: DomainControl['check']; looks: number }
  /** Messages of what was logged as an error. */
  readonly faults: string[]
  close(): Promise<void>
}

export const proven: ProofAttempt = { proven: true, message: 'The record is there.', evidence: { method: 'DNS', queries: [] } }
export const notProven: ProofAttempt = {
  proven: false,
  failure: 'noRecord',
  message: 'There is no record.',
  evidence: { method: 'DNS', queries: [] },
}

/** Opens services on an empty database of the engine; undefined where PostgreSQL cannot run. Close it. */
export async function openTestServices(engine: Engine, env: Readonly<Record<string, string>> = {}): Promise<TestServices | undefined> {
  const databaseUrl = engine === 'postgres' ? await createTestDatabase() : undefined
  if (engine === 'postgres' && databaseUrl === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'chancery-test-'))
  const settings = loadSettings({
    CHANCERY_DATA: folder,
    DATABASE_URL: databaseUrl,
    CHANCERY_RSA_POOL: '0',
    CHANCERY_PROOF_REUSE_DAYS: '0',
    ...env,
  })
  const clock = { now: start }
  const world: TestServices['world'] = { look: () => Promise.resolve(notProven), looks: 0 }
  const faults: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => void faults.push(line) })
  try {
    const opened = await openServices(settings, log, (error) => assert.fail(error), {
      clock: () => clock.now,
      random: () => 0.5,
      domainControl: {
        maxConcurrent: 1,
        check(proof, signal) {
          world.looks += 1
          return world.look(proof, signal)
        },
      },
    })
    const { accessKeyId } = opened.installation.created ?? assert.fail('the installation is not new')
    const accountId = opened.installation.rootAccountId
    return {
      services: opened.services,
      installation: opened.installation,
      folder,
      caller: accountCaller(accountId, accessKeyId),
      clock,
      world,
      faults,
      async close() {
        await opened.close()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** One test for each engine, with services of its own. Where PostgreSQL cannot run the run's summary says so. */
export function onBothEngines(
  title: string,
  body: (test: TestServices, context: TestContext) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): void {
  for (const engine of engines) {
    void it(`${title} (${engine})`, async (context) => {
      const test = await openTestServices(engine, env)
      if (test === undefined) {
        reportNotRun(title, 'PostgreSQL cannot run here')
        context.skip()
        return
      }
      try {
        await body(test, context)
      } finally {
        await test.close()
      }
    })
  }
}

/** An application that the starter plan pays; ECC, because its keys are made at once. */
export function request(test: TestServices, changes: Partial<OrderRequest> = {}): OrderRequest {
  return {
    context: contextOf(test.caller),
    productCode: 'digicert-free-1-free',
    levels: 'DV',
    names: 'one',
    domain: 'www.example.com',
    csr: undefined,
    method: 'DNS',
    applicant: { username: 'An Applicant', phone: '13800000000', email: 'applicant@example.com' },
    tags: [],
    keyAlgorithm: 'ECC_256',
    clientToken: undefined,
    ...changes,
  }
}

/** Places an order and gives its row. */
export async function place(test: TestServices, changes: Partial<OrderRequest> = {}): Promise<OrderRow> {
  const { orderId } = await placeOrder(test.services, request(test, changes))
  return await load(test, orderId)
}

/** The order's row as it is now. */
export async function load({ services }: TestServices, orderId: number): Promise<OrderRow> {
  return (await findOrderOfAnyAccount(services.db.read, orderId)) ?? assert.fail(`there is no order ${orderId}`)
}

/** Adds a plan, as bought by the caller. */
export async function addPlan(test: TestServices, plan: { units: number; validUntil: number; productCode?: string }): Promise<number> {
  const { db } = test.services
  const planId = await db.nextId('plans')
  await db.write.buyPlan({
    planId,
    ledgerEntryId: await db.nextId('ledger_entries'),
    eventId: await db.nextId('events'),
    caller: test.caller,
    accountId: test.caller.accountId,
    origin: originOf(contextOf(test.caller)),
    productCode: plan.productCode ?? 'digicert-free-1-free',
    units: plan.units,
    now: Math.min(test.clock.now, plan.validUntil - 1),
    validUntil: plan.validUntil,
    token: null,
  })
  return planId
}

/** Changes rows past all rules of the service, as a bug or an operator would: for planting faults. */
export async function writeDirectly({ services: { db }, folder }: TestServices, statement: string): Promise<void> {
  if (db.engine === 'postgres') {
    await sql.raw(statement).execute(db.read)
    return
  }
  const connection = new DatabaseSync(join(folder, 'chancery.db'), { timeout: 5_000, enableForeignKeyConstraints: false })
  connection.exec(statement)
  connection.close()
}
