import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { cancelOrder } from '../../../src/orders/cancel-order.ts'
import { finalizeAcmeOrder } from '../../../src/orders/acme/finalize-order.ts'
import { listAcmeOrders, showAcmeOrder } from '../../../src/orders/acme/show-order.ts'
import { startChallenge } from '../../../src/orders/acme/start-challenge.ts'
import { withdrawOrder } from '../../../src/orders/withdraw-order.ts'
import type { DomainControl } from '../../../src/validation/domain-control.ts'
import { contextOf } from '../../support/context.ts'
import { itOnEngine, type TestService, withService } from '../../support/service.ts'
import { load, proven } from '../open-test-services.ts'
import { linesOf, outcome, outcomes } from '../life-of-orders.ts'
import { asTest, csrFor, dear, doorSettings, findFaults, openDoor, order, issue } from './door.ts'

const ROUNDS = 8

/** Lets looks end in pairs, so that both are stored at the same moment. */
function inPairs(): DomainControl {
  let first: (() => void) | undefined
  return {
    maxConcurrent: 8,
    async check() {
      if (first === undefined) await new Promise<void>((resolve) => (first = resolve))
      else {
        first()
        first = undefined
      }
      return proven
    },
  }
}

describe('two processes on one database', () => {
  itOnEngine('postgres', 'that prove the two names of an order at the same moment leave it ready, and finalize it once', async (data) => {
    const ports = { domainControl: inPairs() }
    const env = { ...doorSettings, CHANCERY_ROLES: 'api,acme' }
    await withService(data, async (one) => await withService(data, async (other) => await race(one, other), env, ports), env, ports)
  })

  itOnEngine('postgres', 'never give units back and issue the renewal that they paid', async (data) => {
    const ports = { domainControl: { maxConcurrent: 8, check: () => Promise.resolve(proven) } }
    const env = { ...doorSettings, CHANCERY_ROLES: 'api,acme' }
    await withService(
      data,
      async (one) => await withService(data, async (other) => await cancelAndRenew(one, other), env, ports),
      env,
      ports,
    )
  })
})

describe('two processes on one database that are asked at once', () => {
  itOnEngine('postgres', 'place one order for the same, and no more than may be open', async (data) => {
    const env = { ...doorSettings, CHANCERY_ROLES: 'api,acme', CHANCERY_ACME_OPEN_ORDERS: '2' }
    await withService(data, async (one) => await withService(data, async (other) => await askBoth(one, other), env), env)
  })

  itOnEngine('postgres', 'never give units back under a renewal that is placed', async (data) => {
    const ports = { domainControl: { maxConcurrent: 8, check: () => Promise.resolve(proven) } }
    const env = { ...doorSettings, CHANCERY_ROLES: 'api,acme' }
    await withService(
      data,
      async (one) => await withService(data, async (other) => await cancelAndPlace(one, other), env, ports),
      env,
      ports,
    )
  })
})

async function askBoth(one: TestService, other: TestService): Promise<void> {
  const tests = [asTest(one), asTest(other)]
  const [test = assert.fail()] = tests
  const caller = await openDoor(test)
  for (let round = 0; round < ROUNDS; round++) {
    const same = await Promise.all([...tests, ...tests].map((each) => order(each, caller, [`s${round}.example.com`])))
    assert.equal(new Set(same.map(({ id }) => id)).size, 1, `round ${round}`)
    const asked = await outcomes(...[...tests, ...tests].map((each, n) => order(each, caller, [`n${n}.r${round}.example.com`])))
    assert.deepEqual(asked, ['done', 'tooManyOpenOrders', 'tooManyOpenOrders', 'tooManyOpenOrders'], `round ${round}`)
    const { orderIds } = await listAcmeOrders(test.services, caller, { limit: 10 })
    for (const id of orderIds) await withdrawOrder(test.services, contextOf(test.caller), id)
  }
  assert.deepEqual(await findFaults(test), { differences: [], orders: [], keys: [], faults: [] })
}

async function cancelAndPlace(one: TestService, other: TestService): Promise<void> {
  const test = asTest(one)
  const caller = await openDoor(test)
  for (let round = 0; round < ROUNDS; round++) {
    const names = [`p${round}.example.com`]
    const first = await issue(test, caller, names)
    const [renewal] = await Promise.all([
      order(asTest(other), caller, names),
      outcome(cancelOrder(one.services, contextOf(test.caller), first.id)),
    ])
    await outcome(finalizeAcmeOrder(other.services, caller, renewal.id, csrFor(names)))
    const isRefunded = (await linesOf(test, first.id)).includes('refund')
    const { state, units } = await load(test, renewal.id)
    assert.ok(!(isRefunded && state === 'issued' && units === 0), `round ${round}`)
  }
  assert.deepEqual(await findFaults(test), { differences: [], orders: [], keys: [], faults: [] })
}

async function race(one: TestService, other: TestService): Promise<void> {
  const test = asTest(one)
  const caller = await openDoor(test)
  for (let round = 0; round < ROUNDS; round++) {
    const names = [`r${round}a.example.com`, `r${round}b.example.com`]
    const placed = await order(test, caller, names)
    const [a = 0, b = 0] = placed.authorizationIds
    await Promise.all([startChallenge(one.services, caller, a, 'http-01'), startChallenge(other.services, caller, b, 'http-01')])
    assert.equal((await showAcmeOrder(one.services, caller, placed.id)).status, 'ready', `round ${round}`)
    const views = await Promise.all([one, other].map(({ services }) => finalizeAcmeOrder(services, caller, placed.id, csrFor(names))))
    assert.equal(new Set(views.map(({ certificateId }) => certificateId)).size, 1)
    assert.equal(views[0]?.status, 'valid')
  }
  const issued = await one.services.db.read.selectFrom('certificates').select('id').execute()
  assert.equal(issued.length, ROUNDS)
  const { used, issued: committed } = await one.services.db.read
    .selectFrom('plans')
    .select(['used', 'issued'])
    .where('product_code', '=', dear)
    .executeTakeFirstOrThrow()
  assert.deepEqual([used, committed], [ROUNDS * 3, ROUNDS * 3])
  assert.deepEqual(await findFaults(test), { differences: [], orders: [], keys: [], faults: [] })
}

async function cancelAndRenew(one: TestService, other: TestService): Promise<void> {
  const test = asTest(one)
  const caller = await openDoor(test)
  for (let round = 0; round < ROUNDS; round++) {
    const names = [`c${round}.example.com`]
    const first = await issue(test, caller, names)
    const renewal = await order(test, caller, names)
    assert.deepEqual([renewal.status, (await load(test, renewal.id)).units], ['ready', 0])
    await Promise.all([
      outcome(cancelOrder(one.services, contextOf(test.caller), first.id)),
      outcome(finalizeAcmeOrder(other.services, caller, renewal.id, csrFor(names))),
    ])
    const isRefunded = (await linesOf(test, first.id)).includes('refund')
    const isRenewed = (await load(test, renewal.id)).state === 'issued'
    assert.notEqual(isRefunded, isRenewed, `round ${round}`)
  }
  assert.deepEqual(await findFaults(test), { differences: [], orders: [], keys: [], faults: [] })
}
