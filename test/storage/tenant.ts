import { randomBytes } from 'node:crypto'
import type { Caller } from '../../src/gateway/caller.ts'
import type { OrderRequest } from '../../src/orders/place-order.ts'
import type { PlanPurchase } from '../../src/plans/buy-plan.ts'
import { openCatalogue } from '../../src/plans/products.ts'
import { rootPrincipal } from '../../src/ram/principals.ts'
import type { TestDatabase } from '../support/engines.ts'
import { contextOf } from '../support/context.ts'

/** A moment that tests start at. */
export const testNow = 1_790_000_000_000

/** What placing orders and buying plans needs, over a test's database. */
export function serve(db: TestDatabase, clock: () => number = () => testNow) {
  return {
    db,
    clock,
    catalogue: openCatalogue({ symantecDvStarter: 'single', operatorProducts: undefined }),
    randomBytes,
    random: () => 0.5,
    settings: { proofReuseDays: 0 },
  }
}

/** Stores an account with one key of the given principal (default: the account's own), and says how it calls. */
export async function createTenant(db: TestDatabase, accountId = 1_000_000_000_000_001): Promise<Caller> {
  await db.write.runStatements({
    statements: [[`insert into accounts (id, name, status, created_at) values (?, 'tenant', 'active', 0)`, accountId]],
  })
  return await createKey(db, accountId, rootPrincipal(accountId))
}

/** Stores one more key of an account. */
export async function createKey(db: TestDatabase, accountId: number, principal: string): Promise<Caller> {
  const accessKeyId = `key-${randomBytes(6).toString('hex')}`
  await db.write.runStatements({
    statements: [
      [
        `insert into access_keys (id, account_id, principal, secret_sealed, status, created_at) values (?, ?, ?, ?, 'Active', 0)`,
        accessKeyId,
        accountId,
        principal,
        new Uint8Array(1),
      ],
    ],
  })
  return { accountId, principal, accessKeyId, identity: { kind: 'account' } }
}

/** An application for a certificate of the first free product. */
export function orderOf(caller: Caller, request: Partial<OrderRequest> = {}): OrderRequest {
  return {
    context: contextOf(caller),
    productCode: 'digicert-free-1-free',
    levels: 'DV',
    names: 'one',
    domain: 'www.example.com',
    csr: undefined,
    method: 'DNS',
    applicant: { username: 'Tenant', phone: '13800000000', email: 'tenant@example.com' },
    tags: [],
    keyAlgorithm: undefined,
    clientToken: undefined,
    ...request,
  }
}

/** The purchase of certificates of the same product. */
export function purchaseOf(caller: Caller, units: number, purchase: Partial<PlanPurchase> = {}): PlanPurchase {
  return {
    context: contextOf(caller, { action: 'PurchasePackage' }),
    productCode: 'digicert-free-1-free',
    units,
    clientToken: undefined,
    ...purchase,
  }
}
