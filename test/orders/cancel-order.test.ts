import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { cancelOrder } from '../../src/orders/cancel-order.ts'
import { revokeCertificate } from '../../src/orders/revoke-certificate.ts'
import { SERVICE_ORIGIN } from '../../src/storage/events.ts'
import { contextOf } from '../support/context.ts'
import { assertAgrees, countersOf, issueOne, linesOf, outcome, outcomes, paid } from './life-of-orders.ts'
import { addPlan, dayMs, load, onBothEngines, start, type TestServices, writeDirectly } from './open-test-services.ts'

const cancel = (test: TestServices, orderId: number) => cancelOrder(test.services, contextOf(test.caller), orderId)

void describe('cancelling an issued order', () => {
  onBothEngines('revokes its certificate, gives the unit back and shortens the life of its key', async (test) => {
    const { id, certificate_id } = await issueOne(test)
    await cancel(test, id)
    const { read } = test.services.db
    const certificate = await read
      .selectFrom('certificates')
      .innerJoin('keys', 'keys.id', 'certificates.key_id')
      .innerJoin('certificate_cards as cards', 'cards.id', 'certificates.id')
      .select(['certificates.revoked_at', 'cards.revoked_at as shown', 'keys.destroy_at', 'keys.sealed'])
      .where('certificates.id', '=', certificate_id ?? 0)
      .executeTakeFirstOrThrow()
    assert.deepEqual([certificate.revoked_at, certificate.shown], [start, start])
    assert.equal(certificate.destroy_at, start + 30 * dayMs)
    assert.ok(certificate.sealed !== null)
    assert.equal((await load(test, id)).state, 'revoked')
    assert.deepEqual(await countersOf(test, id), { total: 20, used: 0, issued: 1 })
    assert.deepEqual(await linesOf(test, id), ['reserve', 'commit', 'refund'])
    test.clock.now = start + 30 * dayMs
    assert.deepEqual(await test.services.db.write.destroyKeys({ now: test.clock.now }), { destroyed: 1, more: false })
    await assertAgrees(test)
  })

  onBothEngines('happens once, however many ask at once', async (test) => {
    const { id } = await issueOne(test)
    assert.deepEqual(await outcomes(cancel(test, id), cancel(test, id), cancel(test, id)), [
      'certificateRevoked',
      'certificateRevoked',
      'done',
    ])
    assert.equal(await outcome(cancel(test, id)), 'certificateRevoked')
    assert.deepEqual(await linesOf(test, id), ['reserve', 'commit', 'refund'])
    await assertAgrees(test)
  })

  onBothEngines('at once with the operator revoking it happens once too', async (test) => {
    const { id, certificate_id } = await issueOne(test)
    const byOperator = { certificateId: certificate_id ?? 0, reason: 'keyCompromise', origin: SERVICE_ORIGIN } as const
    assert.deepEqual(await outcomes(cancel(test, id), revokeCertificate(test.services, byOperator)), ['certificateRevoked', 'done'])
    assert.equal((await load(test, id)).state, 'revoked')
    await assertAgrees(test)
  })

  onBothEngines('gives the unit back up to the last instant of the refund window', async (test) => {
    const [inTime, late] = [await issueOne(test), await issueOne(test)]
    test.clock.now = start + 30 * dayMs - 1
    await cancel(test, inTime.id)
    test.clock.now += 1
    await cancel(test, late.id)
    assert.deepEqual(
      [await linesOf(test, inTime.id), await linesOf(test, late.id)],
      [
        ['reserve', 'commit', 'refund'],
        ['reserve', 'commit'],
      ],
    )
    assert.deepEqual(await countersOf(test, late.id), { total: 20, used: 1, issued: 2 })
    await assertAgrees(test)
  })

  onBothEngines(
    'asks the settings for the window',
    async (test) => {
      const { id } = await issueOne(test)
      test.clock.now = start + 28 * dayMs
      await cancel(test, id)
      assert.deepEqual(await linesOf(test, id), ['reserve', 'commit'])
    },
    { CHANCERY_REFUND_DAYS: '28' },
  )

  onBothEngines('gives back no more units than were bought', async (test) => {
    await addPlan(test, { units: 2, validUntil: start + 300 * dayMs, productCode: paid })
    const orders: number[] = []
    for (let round = 0; round < 4; round++) {
      const { id } = await issueOne(test, { productCode: paid })
      await cancel(test, id)
      orders.push(id)
    }
    const lines = await Promise.all(orders.map((id) => linesOf(test, id)))
    assert.deepEqual(
      lines.map((kinds) => kinds.includes('refund')),
      [true, true, false, false],
    )
    assert.deepEqual(await countersOf(test, orders[0] ?? 0), { total: 2, used: 2, issued: 4 })
    await assertAgrees(test)
  })

  onBothEngines('at once gives back no more than that either', async (test) => {
    await addPlan(test, { units: 2, validUntil: start + 300 * dayMs, productCode: paid })
    await cancel(test, (await issueOne(test, { productCode: paid })).id)
    const both = [await issueOne(test, { productCode: paid }), await issueOne(test, { productCode: paid })]
    assert.deepEqual(await outcomes(...both.map(({ id }) => cancel(test, id))), ['done', 'done'])
    assert.deepEqual(await countersOf(test, both[0]?.id ?? 0), { total: 2, used: 1, issued: 3 })
    await assertAgrees(test)
  })

  onBothEngines('whose plan has ended returns the unit to nobody', async (test) => {
    await addPlan(test, { units: 1, validUntil: start + dayMs, productCode: paid })
    const { id } = await issueOne(test, { productCode: paid })
    test.clock.now = start + 2 * dayMs
    await cancel(test, id)
    assert.deepEqual(await linesOf(test, id), ['reserve', 'commit', 'refund', 'expire'])
    assert.deepEqual(await countersOf(test, id), { total: 0, used: 0, issued: 1 })
    await assertAgrees(test)
  })

  onBothEngines('is refused once the certificate has expired, of which the last second is not', async (test) => {
    const { id, certificate_ends_at: end } = await issueOne(test)
    test.clock.now = (end ?? 0) + 1_000
    assert.equal(await outcome(cancel(test, id)), 'orderStateError')
    assert.equal((await load(test, id)).state, 'issued')
    test.clock.now -= 1
    assert.equal(await outcome(cancel(test, id)), 'done')
  })

  onBothEngines('is refused to a key that was switched off meanwhile, and changes nothing', async (test) => {
    const { id } = await issueOne(test)
    await writeDirectly(test, `update access_keys set status = 'Inactive'`)
    assert.equal(await outcome(cancel(test, id)), 'callerInactive')
    assert.deepEqual([(await load(test, id)).state, await linesOf(test, id)], ['issued', ['reserve', 'commit']])
    await assertAgrees(test)
  })
})
