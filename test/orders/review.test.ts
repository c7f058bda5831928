import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import { createAdvancer } from '../../src/orders/advance.ts'
import { decideReview } from '../../src/orders/decide-review.ts'
import { explainOrder } from '../../src/orders/explain-order.ts'
import { issueOrder } from '../../src/orders/issue.ts'
import { readRecordedChecks, requiredChecks } from '../../src/orders/review-checks.ts'
import { listDecisions, listOpenReviews } from '../../src/storage/reviews.ts'
import { contextOf } from '../support/context.ts'
import { addPlan, dayMs, load, onBothEngines, place, proven, start, type TestServices, writeDirectly } from './open-test-services.ts'
import { addCompany, APPLICANT, approve, products, reviewable, user } from './reviewable.ts'

/** An approval past all rules. */
async function approveDirectly(test: TestServices, orderId: number, person: string): Promise<void> {
  const id = await test.services.db.nextId('events')
  await writeDirectly(
    test,
    `insert into review_decisions (id, order_id, reviewer, decision, reason, checks, at) values (${id}, ${orderId}, '${person}', 'approve', '', '{}', 1)`,
  )
}

/** The subject of the order's certificate as OpenSSL reads it. */
async function subjectOf(test: TestServices, orderId: number): Promise<string[]> {
  const { certificate_id: id } = await load(test, orderId)
  const row = await test.services.db.read.selectFrom('certificates').select('der').where('id', '=', id).executeTakeFirstOrThrow()
  return new X509Certificate(row.der).subject.split('\n')
}

async function settle(test: TestServices, orderId: number): Promise<string> {
  await test.services.advancer.advance(orderId, AbortSignal.timeout(20_000))
  return (await load(test, orderId)).state
}

void describe('the review of an order', () => {
  onBothEngines('lets an OV order be issued by one approval, but not by its applicant', async (test) => {
    const orderId = await reviewable(test, 'OV')
    assert.deepEqual(
      (await listOpenReviews(test.services.db.read, 0, 10)).map(({ order_id }) => order_id),
      [orderId],
    )
    const renamed = user(test, APPLICANT, 'another-name')
    await assert.rejects(approve(test, orderId, renamed, requiredChecks('OV', true)), { problem: 'reviewerDenied' })
    assert.equal(await approve(test, orderId, user(test, 1), requiredChecks('OV', true)), 'approved')
    assert.equal((await load(test, orderId)).run_at, test.clock.now)
    assert.equal(await settle(test, orderId), 'issued')
    assert.equal((await subjectOf(test, orderId))[0], 'C=GB')
    assert.deepEqual(await listOpenReviews(test.services.db.read, 0, 10), [])
    await assert.rejects(approve(test, orderId, user(test, 2), requiredChecks('OV', true)), { problem: 'orderStateError' })
  })

  onBothEngines('needs two different people for EV (EVG 5.3.1), also when they decide at the same time', async (test) => {
    const orderId = await reviewable(test, 'EV')
    const collected = requiredChecks('EV', false)
    const both = await Promise.allSettled([
      approve(test, orderId, user(test, 1), collected),
      approve(test, orderId, user(test, 1), collected),
    ])
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
    assert.equal((await load(test, orderId)).state, 'reviewing')
    const renamed = [user(test, 1, 'another-name'), user(test, APPLICANT, 'another-name')]
    for (const caller of renamed) {
      await assert.rejects(approve(test, orderId, caller, requiredChecks('EV', true)), { problem: 'reviewerDenied' })
    }
    await assert.rejects(approve(test, orderId, user(test, 2), collected), /needs these checks too: crossCorrelation/)
    assert.equal(await approve(test, orderId, user(test, 2), requiredChecks('EV', true)), 'approved')
    assert.equal(await settle(test, orderId), 'issued')
    assert.deepEqual(await subjectOf(test, orderId), [
      'jurisdictionC=GB',
      'businessCategory=Business Entity',
      'serialNumber=12345678',
      'C=GB',
      'ST=Greater London',
      'L=London',
      'O=Example Ltd',
      'CN=www.example.com',
    ])
  })

  onBothEngines('is not reached by an EV order whose registration number no certificate can hold (X.520 section 6.2.9)', async (test) => {
    await addPlan(test, { units: 1, validUntil: start + dayMs, productCode: products.EV })
    await addCompany(test)
    await writeDirectly(test, `update companies set code = '登记号 12'`)
    await assert.rejects(place(test, { productCode: products.EV, levels: 'any' }), /registration number of an EV company/)
  })

  onBothEngines('is not approved without every check of its level (BR 3.2.2.1)', async (test) => {
    const orderId = await reviewable(test, 'OV')
    const [first = '', ...others] = requiredChecks('OV', true)
    await assert.rejects(approve(test, orderId, user(test, 1), others), new RegExp(`needs these checks too: ${first}`))
    await assert.rejects(approve(test, orderId, user(test, 1), ['denyLists']), /The checks of OV are/)
    const failed = [first, ...others].map((name) => ({ name, result: name === first ? 'failed' : 'passed', source: 'a register' }))
    const verdict = { orderId, decision: 'approve', reason: '', checks: failed } as const
    await assert.rejects(decideReview(test.services, contextOf(user(test, 1)), verdict), /checks that failed/)
    assert.equal((await load(test, orderId)).state, 'reviewing')
  })

  void it('asks for a specialist, and for EV for control of the name and its look-alikes (BR 5.3.3, EVG 3.2.2.7)', () => {
    assert.ok(requiredChecks('OV', true).includes('validationSpecialist'))
    assert.ok(!requiredChecks('OV', true).includes('domainControlAndLookAlikes'))
    assert.ok(requiredChecks('EV', false).includes('domainControlAndLookAlikes'))
    assert.deepEqual(requiredChecks('EV', true), ['validationSpecialist', 'crossCorrelation'])
  })

  onBothEngines('takes evidence of the last 398 days (BR 4.2.1)', async (test) => {
    const orderId = await reviewable(test, 'OV')
    const day = (days: number) => new Date(test.clock.now - days * dayMs).toISOString().slice(0, 10)
    const approveBy = (collectedAt: string) => approve(test, orderId, user(test, 1), requiredChecks('OV', true), collectedAt)
    for (const [collectedAt, says] of [
      [day(398), /at most 398 days old; that of these checks is older: organizationIdentity, /],
      [day(-1), /has not come yet/],
      ['2026-02-30', /YYYY-MM-DD/],
      ['yesterday', /YYYY-MM-DD/],
      [`${day(1)}T00:00:00Z`, /YYYY-MM-DD/],
    ] as const) {
      await assert.rejects(approveBy(collectedAt), says, collectedAt)
    }
    assert.equal(await approveBy(day(397)), 'approved')
  })

  onBothEngines('counts the age of evidence up to the deciding approval, and of what has no day from the first', async (test) => {
    const orderId = await reviewable(test, 'EV')
    assert.equal(await approve(test, orderId, user(test, 1), requiredChecks('EV', false)), 'open')
    const [decision = assert.fail('no decision')] = await listDecisions(test.services.db.read, [orderId])
    assert.equal(readRecordedChecks(decision).checks[0]?.collectedAt, '2026-11-24')
    test.clock.now = start + 398 * dayMs
    await assert.rejects(approve(test, orderId, user(test, 2), requiredChecks('EV', true)), /398 days old/)
    test.clock.now = start + 397 * dayMs
    assert.equal(await approve(test, orderId, user(test, 2), requiredChecks('EV', true)), 'approved')
  })

  onBothEngines('is needed by the level that was ordered, whatever became of the product', async (test) => {
    await addPlan(test, { units: 1, validUntil: start + 365 * dayMs, productCode: products.OV })
    await addCompany(test)
    const { id } = await place(test, { productCode: products.OV, levels: 'any' })
    const { catalogue } = test.services
    const find = (code: string) => {
      const product = catalogue.find(code)
      return product && { ...product, level: 'DV' as const }
    }
    test.world.look = () => Promise.resolve(proven)
    test.clock.now += 2_000
    await createAdvancer({ ...test.services, catalogue: { ...catalogue, find } }).advance(id, AbortSignal.timeout(20_000))
    assert.equal((await load(test, id)).state, 'reviewing')
  })

  onBothEngines('is looked at again before an order is signed for', async (test) => {
    const orderId = await reviewable(test, 'EV')
    await approve(test, orderId, user(test, 1), requiredChecks('EV', false))
    for (const state of ['ready', 'issuing'] as const) {
      await writeDirectly(test, `update orders set state = '${state}', level = 'EV' where id = ${orderId}`)
      await assert.rejects(issueOrder(test.services, await load(test, orderId)), /without the approvals that it needs/)
    }
    await approveDirectly(test, orderId, `user/${APPLICANT}`)
    await assert.rejects(issueOrder(test.services, await load(test, orderId)), /without the approvals that it needs/)
    await approveDirectly(test, orderId, 'user/2')
    await issueOrder(test.services, await load(test, orderId))
    assert.equal((await load(test, orderId)).state, 'issued')
  })

  onBothEngines('ends an order that is rejected, and its owner reads why', async (test) => {
    const orderId = await reviewable(test, 'OV')
    const verdict = { orderId, decision: 'reject', checks: [] } as const
    const context = contextOf(user(test, 1))
    await assert.rejects(decideReview(test.services, context, { ...verdict, reason: ' ' }), { problem: 'missingParameter' })
    assert.equal(await decideReview(test.services, context, { ...verdict, reason: 'No such company.' }), 'rejected')
    assert.equal(await settle(test, orderId), 'failed')
    const explained = await explainOrder(test.services, { caller: test.caller }, orderId)
    assert.equal(explained.failure?.reason, 'reviewRejected')
    assert.match(explained.advice.join(), /No such company\./)
    assert.equal(explained.decisions[0]?.reviewer, user(test, 1).principal)
    const elsewhere = { ...test.services, operatorAccountId: 1 }
    assert.equal((await explainOrder(elsewhere, { caller: test.caller }, orderId)).decisions[0]?.reviewer, undefined)
    // The unit stays used until the order is deleted.
    assert.deepEqual(
      explained.ledger.map(({ kind }) => kind),
      ['reserve'],
    )
  })
})
