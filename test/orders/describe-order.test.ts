import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { checkValidationNow, describeOrder, type OrderDescription } from '../../src/orders/describe-order.ts'
import {
  addPlan,
  dayMs,
  load,
  notProven,
  onBothEngines,
  place,
  proven,
  start,
  type TestServices,
  writeDirectly,
} from './open-test-services.ts'
import { contextOf } from '../support/context.ts'

function look(test: TestServices, orderId: number, accountId = test.caller.accountId): Promise<OrderDescription> {
  return describeOrder(test.services, orderId, contextOf({ ...test.caller, accountId }))
}

void describe('the description of an order', () => {
  onBothEngines('shows the record to publish, below the name without its wildcard', async (test) => {
    await addPlan(test, { units: 1, validUntil: start + dayMs, productCode: 'geotrust-dv-w-starter' })
    const order = await place(test, { domain: '*.shop.example.com', productCode: 'geotrust-dv-w-starter' })
    const shown = await look(test, order.id)
    assert(shown.stage === 'proving' && shown.next.method === 'DNS')
    assert.deepEqual([shown.next.recordName, shown.next.recordHost], ['_dnsauth.shop.example.com', '_dnsauth.shop'])
    assert.match(shown.next.recordValue, /^20261124[0-9a-z]{56}$/)
  })

  onBothEngines('shows every name, and of those that are not proven the first', async (test) => {
    await addPlan(test, { units: 1, validUntil: start + dayMs, productCode: 'geotrust-dv-1-starter' })
    const domain = 'a.example.com,b.example.com,c.example.com'
    const order = await place(test, { names: 'several', domain, productCode: 'geotrust-dv-1-starter' })
    test.world.look = ({ identifier }) => Promise.resolve(identifier === 'a.example.com' ? proven : notProven)
    const shown = await look(test, order.id)
    assert(shown.stage === 'proving' && shown.next.method === 'DNS')
    assert.equal(shown.next.recordName, '_dnsauth.b.example.com')
    assert.deepEqual(
      shown.names.map(({ name, proven: isProven }) => [name, isProven]),
      [
        ['a.example.com', true],
        ['b.example.com', false],
        ['c.example.com', false],
      ],
    )
  })

  onBothEngines('has no host label for a name outside the public DNS', async (test) => {
    await addPlan(test, { units: 1, validUntil: start + dayMs, productCode: 'chancery-private-1' })
    const shown = await look(test, (await place(test, { domain: 'db.corp', productCode: 'chancery-private-1' })).id)
    assert(shown.stage === 'proving' && shown.next.method === 'DNS')
    assert.deepEqual([shown.next.recordName, shown.next.recordHost], ['_dnsauth.db.corp', undefined])
  })

  onBothEngines('shows the file to put in place', async (test) => {
    const shown = await look(test, (await place(test, { method: 'FILE' })).id)
    assert(shown.stage === 'proving' && shown.next.method === 'FILE')
    assert.deepEqual([shown.next.domain, shown.next.uri], ['www.example.com', '/.well-known/pki-validation/fileauth.txt'])
  })

  onBothEngines('of another account or of nothing is not found, and causes no look', async (test) => {
    const order = await place(test)
    await assert.rejects(look(test, order.id, test.caller.accountId + 1), { problem: 'notFoundOrder' })
    await assert.rejects(look(test, order.id + 1), { problem: 'notFoundOrder' })
    await assert.rejects(checkValidationNow(test.services, order.id, test.caller.accountId + 1), { problem: 'notFoundOrder' })
    assert.equal(test.world.looks, 0)
  })

  onBothEngines('is already the certificate when the proof is there', async (test) => {
    const order = await place(test)
    test.world.look = () => Promise.resolve(proven)
    const shown = await look(test, order.id)
    assert(shown.stage === 'issued')
    assert.equal(shown.certificateId, (await load(test, order.id)).certificate_id)
    assert.equal(shown.resource, `cas-cert-${order.id}`)
    assert.equal(shown.certificatePem.match(/BEGIN CERTIFICATE/g)?.length, 2)
  })

  onBothEngines('follows the state', async (test) => {
    const order = await place(test)
    const stages: Record<string, string> = {}
    for (const state of ['draft', 'reviewing', 'issuing', 'failed', 'withdrawn'] as const) {
      await writeDirectly(test, `update orders set state = '${state}' where id = ${order.id}`)
      stages[state] = (await look(test, order.id)).stage
    }
    assert.deepEqual(stages, {
      draft: 'notSubmitted',
      reviewing: 'processing',
      issuing: 'processing',
      failed: 'failed',
      withdrawn: 'notSubmitted',
    })
    await writeDirectly(test, `update orders set state = 'deleted' where id = ${order.id}`)
    await assert.rejects(look(test, order.id), { problem: 'notFoundOrder' })
  })
})

void describe('a check of validation', () => {
  onBothEngines('tells what the latest attempt saw and when the next one is', async (test) => {
    const order = await place(test)
    const check = await checkValidationNow(test.services, order.id, test.caller.accountId)
    assert.deepEqual([check.attempts, check.proven, check.failure, check.nextAttemptAt], [1, false, undefined, start + 2_000])
    assert.deepEqual(
      [check.lastAttempt?.outcome, check.lastAttempt?.message, check.lastAttempt?.at],
      ['noRecord', notProven.message, start],
    )
  })

  onBothEngines('of a failed order tells why', async (test) => {
    const order = await place(test)
    test.clock.now += 30 * dayMs
    const check = await checkValidationNow(test.services, order.id, test.caller.accountId)
    assert.deepEqual([check.description.stage, check.failure?.reason, check.nextAttemptAt], ['failed', 'validationExpired', null])
    const shown = await look(test, order.id)
    assert(shown.stage === 'failed')
    assert.deepEqual(shown.failure, check.failure)
  })
})
