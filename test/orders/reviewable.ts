import assert from 'node:assert/strict'
import type { Caller } from '../../src/gateway/caller.ts'
import { decideReview } from '../../src/orders/decide-review.ts'
import { contextOf } from '../support/context.ts'
import { addPlan, dayMs, load, place, proven, start, type TestServices, writeDirectly } from './open-test-services.ts'

/** A product of each level. */
export const products = { OV: 'symantec-ov-1-personal', EV: 'symantec-ev-1-premium' } as const
const organization = {
  name: 'Example Ltd',
  code: '12345678',
  kind: 2,
  country: 'GB',
  province: 'Greater London',
  city: 'London',
  address: '1 Example Road',
  postCode: 'EC1A 1BB',
  phone: '+44 20 7946 0000',
  department: 'IT',
}

/** An order whose name is proven and whose review is open, as a reviewer finds it; a user has applied. */
export async function reviewable(test: TestServices, level: 'OV' | 'EV', applicant: Caller = user(test, APPLICANT)): Promise<number> {
  await addPlan(test, { units: 1, validUntil: start + 365 * dayMs, productCode: products[level] })
  await addCompany(test)
  const { id } = await place(test, { productCode: products[level], levels: 'any', context: contextOf(applicant) })
  test.world.look = () => Promise.resolve(proven)
  test.clock.now += 2_000
  await test.services.advancer.advance(id, AbortSignal.timeout(20_000))
  assert.equal((await load(test, id)).state, 'reviewing')
  return id
}

/** The company that the orders are for. */
export async function addCompany(test: TestServices): Promise<void> {
  const { postCode, ...rest } = organization
  const own = { id: 1, account_id: test.caller.accountId, lang: 'en', email: '', created_at: start, updated_at: start }
  const entries = Object.entries({ ...own, ...rest, post_code: postCode })
  const values = entries.map(([, value]) => (typeof value === 'number' ? String(value) : `'${value}'`))
  await writeDirectly(test, `insert into companies (${entries.map(([name]) => name).join(', ')}) values (${values.join(', ')})`)
}

/** The user who applies. */
export const APPLICANT = 9

/** A user of the account, who signs with its key. */
export function user(test: TestServices, userId: number, userName = `user-${userId}`): Caller {
  const { accountId, accessKeyId } = test.caller
  return { accountId, accessKeyId, principal: `acs:ram::${accountId}:user/${userName}`, identity: { kind: 'user', userId, userName } }
}

/** An approval with these checks, all passed. */
export function approve(test: TestServices, orderId: number, caller: Caller, names: readonly string[], collectedAt?: string) {
  const checks = names.map((name) => ({ name, result: 'passed', source: 'Companies House', collectedAt }))
  return decideReview(test.services, contextOf(caller), { orderId, decision: 'approve', reason: '', checks })
}
