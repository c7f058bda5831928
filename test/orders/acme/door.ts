import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { AcmeCaller } from '../../../src/orders/acme/acme-caller.ts'
import { finalizeAcmeOrder } from '../../../src/orders/acme/finalize-order.ts'
import { placeAcmeOrder } from '../../../src/orders/acme/place-acme-order.ts'
import { loadAuthorization, showAcmeOrder } from '../../../src/orders/acme/show-order.ts'
import { startChallenge } from '../../../src/orders/acme/start-challenge.ts'
import { type AcmeOrderView, challengeTypes } from '../../../src/orders/acme/views.ts'
import { auditPlans } from '../../../src/plans/audit-plans.ts'
import { createEabKey, type EabKeyRequest } from '../../../src/ram/eab/create-eab-key.ts'
import { callerOfEabKey } from '../../../src/ram/eab/eab-key.ts'
import { challengeWork } from '../../../src/runner/challenge-work.ts'
import { orderWork } from '../../../src/runner/order-work.ts'
import { SERVICE_ORIGIN } from '../../../src/storage/events.ts'
import { assembleCertificationRequest, buildCertificationRequestInfo } from '../../../src/x509/csr.ts'
import { accountCaller, contextOf } from '../../support/context.ts'
import { findEabFaults } from '../../support/eab-audit.ts'
import type { TestService } from '../../support/service.ts'
import { rootKey } from '../../support/signed-call.ts'
import { generateTestKey, signWith, type TestKey } from '../../x509/keys.ts'
import { addPlan, dayMs, proven, type TestServices } from '../open-test-services.ts'

/** Settings of services whose proofs are used again, with the products of these tests. */
export const doorSettings = {
  CHANCERY_PROOF_REUSE_DAYS: '200',
  CHANCERY_PRODUCTS_FILE: join(import.meta.dirname, 'products.json'),
} as const

/** Three units an order, renewals free for 60 days. */
export const dear = 'dear-mix'
/** A unit for each order. */
export const charged = 'charged-mix'

/** An account of the door; with an external account key of its own, unless `key` is null. */
export async function joinDoor(test: TestServices, key: Partial<EabKeyRequest> | null = {}): Promise<AcmeCaller> {
  const { services, clock } = test
  const eabKeyId = key === null ? null : (await createEabKey(services, contextOf(test.caller), { ...anyKey, ...key })).keyId
  const acmeAccountId = await services.db.nextId('acme_accounts')
  const thumbprint = randomBytes(32).toString('base64url')
  await services.db.write.createAcmeAccount({
    acmeAccountId,
    accountId: test.caller.accountId,
    eabKeyId,
    thumbprint,
    jwk: '{}',
    contacts: '[]',
    binding: null,
    origin: SERVICE_ORIGIN,
    eventId: await services.db.nextId('events'),
    now: clock.now,
  })
  const caller =
    eabKeyId === null
      ? { ...test.caller, accessKeyId: '', acmeAccountId }
      : callerOfEabKey(await services.eabKeys.load(eabKeyId), acmeAccountId)
  return { acmeAccountId, thumbprint, eabKeyId, context: contextOf(caller, { action: 'AcmeNewOrder' }) }
}

const anyKey: EabKeyRequest = {
  name: 'for orders',
  userName: undefined,
  products: [dear, charged, 'chancery-private-mix'],
  domains: null,
  tags: [],
  unitLimit: null,
  accountLimit: null,
  expiresAt: null,
}

/** An account of the door whose tenant has 60 units of each product of these tests. */
export async function openDoor(test: TestServices, key: Partial<EabKeyRequest> | null = {}): Promise<AcmeCaller> {
  for (const productCode of [dear, charged]) await addPlan(test, { units: 60, validUntil: test.clock.now + 365 * dayMs, productCode })
  return await joinDoor(test, key)
}

export function order({ services }: TestServices, caller: AcmeCaller, names: readonly string[], more: object = {}): Promise<AcmeOrderView> {
  return placeAcmeOrder(services, caller, { identifiers: names.map((value) => ({ type: 'dns', value })), profile: dear, ...more })
}

/** Proves what is pending of an order; `by`: the challenge, where the name has it. */
export async function prove(test: TestServices, caller: AcmeCaller, { id, authorizationIds }: AcmeOrderView, by = 'http-01') {
  const { look } = test.world
  test.world.look = () => Promise.resolve(proven)
  for (const authorizationId of authorizationIds) {
    const { identifier, state } = await loadAuthorization(test.services, caller, authorizationId)
    const offered = challengeTypes(identifier)
    if (state !== 'valid') await startChallenge(test.services, caller, authorizationId, offered.find((type) => type === by) ?? 'dns-01')
  }
  test.world.look = look
  return await showAcmeOrder(test.services, caller, id)
}

export function finalize(
  { services }: TestServices,
  caller: AcmeCaller,
  { id, identifiers }: Pick<AcmeOrderView, 'id' | 'identifiers'>,
  csr = csrFor(identifiers.map(({ value }) => value)),
): Promise<AcmeOrderView> {
  return finalizeAcmeOrder(services, caller, id, csr)
}

/** Orders, proves and finalizes. */
export async function issue(
  test: TestServices,
  caller: AcmeCaller,
  names: readonly string[],
  more: object = {},
  by?: string,
): Promise<AcmeOrderView & { certificateId: number }> {
  const view = await finalize(test, caller, await prove(test, caller, await order(test, caller, names, more), by))
  assert.equal(view.status, 'valid', JSON.stringify(view))
  return { ...view, certificateId: view.certificateId ?? assert.fail() }
}

/** A CSR in DER by a new key, unless one is given. */
export function csrFor(
  dnsNames: readonly string[],
  { key = generateTestKey('P-256'), commonName }: { key?: TestKey; commonName?: string } = {},
) {
  const infoDer = buildCertificationRequestInfo({ subject: { commonName }, spkiDer: key.spkiDer, dnsNames })
  return assembleCertificationRequest(infoDer, key.algorithm, signWith(key, infoDer))
}

/** The runner does all that is due. */
export async function runDue({ services }: TestServices): Promise<void> {
  const works = [orderWork(services, 'door'), challengeWork(services)]
  for (let ran = 1; ran > 0;) {
    ran = 0
    for (const work of works) {
      const tasks = await work.take(100)
      ran += tasks.length
      await Promise.all(tasks.map((task) => task.run(AbortSignal.timeout(20_000))))
    }
  }
}

/** Units of a product's plans that are used. */
export async function usedUnits({ services: { db } }: TestServices, productCode = dear): Promise<number> {
  const rows = await db.read.selectFrom('plans').select('used').where('product_code', '=', productCode).execute()
  return rows.reduce((sum, { used }) => sum + used, 0)
}

/** Units that an external account key shows as used. */
export async function keyUnits({ services: { db } }: TestServices, { eabKeyId }: AcmeCaller): Promise<number> {
  const row = await db.read
    .selectFrom('eab_keys')
    .select('units_used')
    .where('id', '=', eabKeyId ?? '')
    .executeTakeFirstOrThrow()
  return row.units_used
}

/** What plans, keys, ledger and states do not agree about, and what was logged as a fault. */
export async function findFaults({ services: { db }, faults }: TestServices) {
  const { differences, orders } = await auditPlans(db.read)
  return { differences, orders, keys: await findEabFaults(db.read), faults }
}

/** Plans, keys, ledger and states agree, and nothing was logged as a fault. */
export async function assertAgrees(test: TestServices): Promise<void> {
  assert.deepEqual(await findFaults(test), { differences: [], orders: [], keys: [], faults: [] })
}

/** The same services, except that something happens once just before a write, as another process may do it. */
export function justBefore(test: TestServices, write: 'placeOrder', happen: () => Promise<unknown>): TestServices {
  const { db } = test.services
  let due = true
  const writes = new Proxy(db.write, {
    get: (target, name) =>
      name !== write
        ? (Reflect.get(target, name) as unknown)
        : async (input: Parameters<typeof target.placeOrder>[0]) => {
            const isFirst = due
            due = false
            if (isFirst) await happen()
            return await target.placeOrder(input)
          },
  })
  return {
    ...test,
    services: {
      ...test.services,
      db: new Proxy(db, { get: (target, name) => (name === 'write' ? writes : (Reflect.get(target, name) as unknown)) }),
    },
  }
}

/** A running service as these helpers take it. Its world is what its ports make it. */
export function asTest({ services, accountId, data, installation }: TestService): TestServices {
  return {
    services,
    installation,
    folder: data.folder,
    caller: accountCaller(accountId, rootKey.accessKeyId),
    clock: {
      get now() {
        return services.clock()
      },
    },
    world: { look: () => Promise.resolve(proven), looks: 0 },
    faults: [],
    close: () => Promise.resolve(),
  }
}
