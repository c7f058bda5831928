import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe } from 'node:test'
import { formatAriId } from '../../../src/orders/acme/ari-id.ts'
import { deactivateAuthorization } from '../../../src/orders/acme/deactivate-authorization.ts'
import { listAcmeOrders, showAcmeOrder } from '../../../src/orders/acme/show-order.ts'
import { findCertificate } from '../../../src/storage/certificates.ts'
import { parseCertificate } from '../../../src/x509/certificate.ts'
import { hashKeyIdentifier } from '../../../src/x509/spki.ts'
import { addPlan, dayMs, load, onBothEngines, start, type TestServices } from '../open-test-services.ts'
import { outcome, outcomes } from '../life-of-orders.ts'
import { assertAgrees, charged, dear, doorSettings, issue, joinDoor, keyUnits, openDoor, order, runDue, usedUnits } from './door.ts'

async function ariIdOf({ services: { db, authority } }: TestServices, certificateId: number): Promise<string> {
  const keyIdentifier = hashKeyIdentifier(parseCertificate(authority.issuerDer).publicKey)
  const { serial } = (await findCertificate(db.read, certificateId)) ?? assert.fail()
  return formatAriId({ keyIdentifier, serial })
}

describe('an order at the ACME door', () => {
  onBothEngines(
    'takes the units that its product costs, of the plan and of its external account key, and gives them back once when it is given up',
    async (test) => {
      const caller = await openDoor(test, { unitLimit: 4 })
      const placed = await order(test, caller, ['a.example.com', '*.a.example.com'])
      assert.deepEqual([placed.status, placed.authorizationIds.length, placed.expires], ['pending', 2, start + dayMs])
      assert.deepEqual([await usedUnits(test), await keyUnits(test, caller)], [3, 3])
      const { units, state, run_at, acme_account_id } = await load(test, placed.id)
      assert.deepEqual([units, state, run_at, acme_account_id], [3, 'validating', start + dayMs, caller.acmeAccountId])
      assert.equal(await outcome(order(test, caller, ['b.example.com'])), 'eabKeySpent')
      assert.deepEqual([await usedUnits(test), await keyUnits(test, caller)], [3, 3])
      for (const id of placed.authorizationIds) await deactivateAuthorization(test.services, caller, id)
      assert.equal((await load(test, placed.id)).state, 'failed')
      assert.deepEqual([await usedUnits(test), await keyUnits(test, caller)], [0, 0])
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'needs a plan that still has all the units',
    async (test) => {
      const caller = await joinDoor(test)
      assert.equal(await outcome(order(test, caller, ['a.example.com'])), 'notFoundPackage')
      await addPlan(test, { units: 2, validUntil: start + dayMs, productCode: dear })
      assert.equal(await outcome(order(test, caller, ['a.example.com'])), 'notRemainCount')
      await addPlan(test, { units: 4, validUntil: start + 2 * dayMs, productCode: dear })
      assert.deepEqual(await outcomes(order(test, caller, ['a.example.com']), order(test, caller, ['b.example.com'])), [
        'done',
        'notRemainCount',
      ])
      assert.equal(await usedUnits(test), 3)
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'is the open one again if the account asks for the same',
    async (test) => {
      const caller = await openDoor(test)
      const notAfter = new Date(start + 10 * dayMs).toISOString()
      const first = await order(test, caller, ['a.example.com', 'b.example.com'])
      const same = await order(test, caller, ['b.example.com', 'a.example.com'])
      assert.equal(same.id, first.id)
      assert.deepEqual(same.authorizationIds, first.authorizationIds)
      const others = [
        await order(test, caller, ['a.example.com']),
        await order(test, caller, ['a.example.com', 'b.example.com'], { profile: charged }),
        await order(test, caller, ['a.example.com', 'b.example.com'], { notAfter }),
        await order(test, await joinDoor(test), ['a.example.com', 'b.example.com']),
      ]
      assert.equal(new Set([first, ...others].map(({ id }) => id)).size, 5)
      assert.equal((await order(test, caller, ['a.example.com', 'b.example.com'], { notAfter })).id, others[2]?.id)
      test.clock.now += dayMs
      assert.notEqual((await order(test, caller, ['a.example.com'])).id, others[0]?.id)
      await runDue(test)
      const { orderIds } = await listAcmeOrders(test.services, caller, { limit: 10 })
      assert.equal(orderIds.length, 1)
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'is one for all who ask for the same at once, even where there are units for one alone',
    async (test) => {
      const caller = await joinDoor(test)
      await addPlan(test, { units: 3, validUntil: start + 30 * dayMs, productCode: dear })
      const placed = await Promise.all(Array.from({ length: 5 }, () => order(test, caller, ['a.example.com', 'b.example.com'])))
      assert.equal(new Set(placed.map(({ id }) => id)).size, 1)
      assert.deepEqual([await usedUnits(test), await keyUnits(test, caller)], [3, 3])
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'is found again among many for the same names',
    async (test) => {
      const caller = await openDoor(test)
      const { id } = await order(test, caller, ['a.example.com'])
      for (let days = 1; days <= 5; days++) {
        await order(test, caller, ['a.example.com'], { notAfter: new Date(start + days * dayMs).toISOString() })
      }
      assert.equal((await order(test, caller, ['a.example.com'])).id, id)
      assert.equal(await usedUnits(test), 18)
    },
    doorSettings,
  )

  onBothEngines(
    'that can come to nothing any more ends when the same is asked for, and leaves its units to the new one',
    async (test) => {
      const caller = await joinDoor(test)
      await addPlan(test, { units: 3, validUntil: start + 30 * dayMs, productCode: dear })
      const late = await order(test, caller, ['a.example.com'])
      test.clock.now += dayMs
      assert.notEqual((await order(test, caller, ['a.example.com'])).id, late.id)
      assert.equal((await load(test, late.id)).state, 'failed')
      assert.equal(await usedUnits(test), 3)
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'may have a hundred names of any length',
    async (test) => {
      const caller = await openDoor(test)
      const many = Array.from({ length: 100 }, () => `${randomBytes(30).toString('hex')}.example.com`)
      assert.equal((await order(test, caller, many, { profile: undefined })).identifiers.length, 100)
    },
    doorSettings,
  )

  onBothEngines(
    'is refused to all but as many as may be open, whichever ACME accounts ask at once',
    async (test) => {
      const callers = [await openDoor(test), await joinDoor(test)]
      const asked = await outcomes(
        ...callers.flatMap((caller, at) => [1, 2, 3, 4].map((n) => order(test, caller, [`n${n}.a${at}.example.com`]))),
      )
      assert.deepEqual(asked, ['done', 'done', ...Array.from({ length: 6 }, () => 'tooManyOpenOrders')])
      assert.equal(await usedUnits(test), 6)
      await assertAgrees(test)
    },
    { ...doorSettings, CHANCERY_ACME_OPEN_ORDERS: '2' },
  )

  onBothEngines(
    'is refused while its principal has as many open ones as may be',
    async (test) => {
      const caller = await openDoor(test)
      const other = await joinDoor(test)
      const placed = await order(test, caller, ['a.example.com'])
      await order(test, other, ['b.example.com'])
      assert.equal(await outcome(order(test, caller, ['c.example.com'])), 'tooManyOpenOrders')
      assert.equal((await order(test, caller, ['a.example.com'])).id, placed.id)
      await deactivateAuthorization(test.services, caller, placed.authorizationIds[0] ?? 0)
      await order(test, other, ['c.example.com'])
    },
    { ...doorSettings, CHANCERY_ACME_OPEN_ORDERS: '2' },
  )

  onBothEngines(
    'ends after 24 hours with its units back, whatever the plan and the clients do',
    async (test) => {
      const caller = await openDoor(test)
      const placed = await order(test, caller, ['a.example.com'])
      test.clock.now += dayMs - 1
      await runDue(test)
      assert.equal((await load(test, placed.id)).state, 'validating')
      test.clock.now += 1
      assert.equal((await showAcmeOrder(test.services, caller, placed.id)).status, 'invalid')
      assert.equal((await load(test, placed.id)).state, 'validating')
      await runDue(test)
      assert.deepEqual([(await load(test, placed.id)).state, await usedUnits(test), await keyUnits(test, caller)], ['failed', 0, 0])
      const late = await order(test, caller, ['b.example.com'])
      test.clock.now = start + 366 * dayMs
      await runDue(test)
      assert.equal((await load(test, late.id)).state, 'failed')
      await assertAgrees(test)
      const { total } = await test.services.db.read
        .selectFrom('plans')
        .select('total')
        .where('product_code', '=', dear)
        .executeTakeFirstOrThrow()
      // What went back to a plan that had ended expired.
      assert.equal(total, 57)
    },
    doorSettings,
  )

  onBothEngines(
    'replaces a certificate once, unless the one that was to do it came to nothing',
    async (test) => {
      const caller = await openDoor(test)
      const names = ['a.example.com']
      const { certificateId } = await issue(test, caller, names, { profile: charged })
      const replaces = await ariIdOf(test, certificateId)
      assert.equal(await outcome(order(test, await joinDoor(test), names, { replaces })), 'acmeMalformed')
      assert.equal(await outcome(order(test, caller, ['b.example.com'], { replaces })), 'acmeMalformed')
      const second = await order(test, caller, names, { replaces, profile: charged })
      assert.equal(second.replaces, replaces)
      assert.equal((await order(test, caller, names, { replaces, profile: charged })).id, second.id)
      assert.equal(await outcome(order(test, caller, names, { replaces })), 'alreadyReplaced')
      test.clock.now += dayMs
      await runDue(test)
      await issue(test, caller, names, { replaces, profile: charged })
      assert.equal(await outcome(order(test, caller, names, { replaces, profile: charged })), 'alreadyReplaced')
      await assertAgrees(test)
    },
    doorSettings,
  )
})
