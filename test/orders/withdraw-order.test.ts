import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { deleteOrder } from '../../src/orders/delete-order.ts'
import { checkValidationNow } from '../../src/orders/describe-order.ts'
import { issueOrder } from '../../src/orders/issue.ts'
import { submitOrder } from '../../src/orders/submit-order.ts'
import { withdrawOrder } from '../../src/orders/withdraw-order.ts'
import { listAuthorizations } from '../../src/storage/orders.ts'
import { contextOf } from '../support/context.ts'
import { assertAgrees, countersOf, issueOne, issuePlaced, linesOf, outcome, outcomes } from './life-of-orders.ts'
import { load, onBothEngines, place, proven, type TestServices, writeDirectly } from './open-test-services.ts'

const withdraw = (test: TestServices, orderId: number) => withdrawOrder(test.services, contextOf(test.caller), orderId)
const submit = (test: TestServices, orderId: number) => submitOrder(test.services, contextOf(test.caller), orderId)
const remove = (test: TestServices, orderId: number) => deleteOrder(test.services, contextOf(test.caller), orderId)

void describe('a withdrawn order', () => {
  onBothEngines('waits, keeps its unit, and is looked at no more', async (test) => {
    const { id } = await place(test)
    await withdraw(test, id)
    const order = await load(test, id)
    assert.deepEqual([order.state, order.run_at], ['withdrawn', null])
    assert.deepEqual(await countersOf(test, id), { total: 20, used: 1, issued: 0 })
    await test.services.advancer.advance(id, AbortSignal.timeout(10_000))
    assert.equal(test.world.looks, 0)
    assert.equal(await outcome(withdraw(test, id)), 'orderStateError')
    await assertAgrees(test)
  })

  onBothEngines('is submitted with another value, and the old one proves nothing', async (test) => {
    const { id } = await place(test)
    const [before] = await listAuthorizations(test.services.db.read, id)
    await checkValidationNow(test.services, id, test.caller.accountId)
    await withdraw(test, id)
    const waiting = await checkValidationNow(test.services, id, test.caller.accountId)
    assert.equal(waiting.nextAttemptAt, null)
    test.clock.now += 60_000
    await submit(test, id)
    const [after, ...more] = await listAuthorizations(test.services.db.read, id)
    assert.deepEqual(more, [])
    assert.notEqual(after?.token, before?.token)
    const seen: string[] = []
    test.world.look = ({ token }) => {
      seen.push(token)
      return Promise.resolve(proven)
    }
    await test.services.advancer.advance(id, AbortSignal.timeout(20_000))
    assert.deepEqual([seen, (await load(test, id)).state], [[after?.token], 'issued'])
    assert.equal(await outcome(submit(test, id)), 'orderStateError')
    // One unit for both applications.
    assert.deepEqual(await linesOf(test, id), ['reserve', 'commit'])
    await assertAgrees(test)
  })

  onBothEngines('submitted anew tells nothing of the attempts before', async (test) => {
    const { id } = await place(test)
    assert.equal((await checkValidationNow(test.services, id, test.caller.accountId)).lastAttempt?.outcome, 'noRecord')
    await withdraw(test, id)
    await submit(test, id)
    // A look is due at once: the spacing counts from the new application.
    test.world.look = () => Promise.reject(new Error('the network is down'))
    const check = await checkValidationNow(test.services, id, test.caller.accountId)
    assert.deepEqual([check.attempts, check.lastAttempt, check.proven], [0, undefined, false])
  })

  onBothEngines('was withdrawn in time if the look at its proof was under way', async (test) => {
    const { id } = await place(test)
    test.world.look = async () => {
      await withdraw(test, id)
      return proven
    }
    await test.services.advancer.advance(id, AbortSignal.timeout(20_000))
    assert.equal((await load(test, id)).state, 'withdrawn')
    await assertAgrees(test)
  })

  onBothEngines('was withdrawn in time if its certificate was just being signed: nothing of it stays', async (test) => {
    const { id } = await place(test)
    await writeDirectly(test, `update orders set state = 'ready' where id = ${id}`)
    const { authority } = test.services
    const signing = {
      ...test.services,
      authority: {
        ...authority,
        issuerId: authority.issuerId,
        prepare: authority.prepare.bind(authority),
        sign: async (intent: Parameters<typeof authority.sign>[0]) => {
          await withdraw(test, id)
          return await authority.sign(intent)
        },
      },
    }
    assert.equal(await outcome(issueOrder(signing, await load(test, id))), 'moved')
    const { read } = test.services.db
    assert.equal((await load(test, id)).state, 'withdrawn')
    for (const table of ['certificates', 'certificate_cards', 'keys', 'issuance_intents'] as const) {
      assert.deepEqual(await read.selectFrom(table).selectAll().execute(), [], table)
    }
    await assertAgrees(test)
  })

  onBothEngines('and an issued one are never the same, whoever is first', async (test) => {
    const ends = new Set<string>()
    for (let round = 0; round < 8; round++) {
      const { id } = await place(test)
      await writeDirectly(test, `update orders set state = 'ready', rev = rev + 1 where id = ${id}`)
      const order = await load(test, id)
      // Key and signature are made meanwhile: the later start of the other makes it win now and then.
      const [issued, withdrawn] = await Promise.all([
        outcome(issueOrder(test.services, order)),
        new Promise((resolve) => setTimeout(resolve, round)).then(() => outcome(withdraw(test, id))),
      ])
      const { state } = await load(test, id)
      assert.deepEqual([issued, withdrawn], state === 'issued' ? ['done', 'orderStateError'] : ['moved', 'done'])
      ends.add(state)
    }
    assert.ok(ends.size > 0)
    await assertAgrees(test)
  })

  onBothEngines('is submitted or deleted, not both', async (test) => {
    for (let round = 0; round < 4; round++) {
      const { id } = await place(test)
      await withdraw(test, id)
      const results = await Promise.all(
        round % 2 === 0 ? [outcome(submit(test, id)), outcome(remove(test, id))] : [outcome(remove(test, id)), outcome(submit(test, id))],
      )
      const deleted = (await load(test, id)).state === 'deleted'
      assert.deepEqual(results.toSorted(), ['done', deleted ? 'notFoundOrder' : 'orderStateError'])
    }
    await assertAgrees(test)
  })
})

void describe('withdrawing', () => {
  onBothEngines('is refused for an issued order and for one that failed', async (test) => {
    const issued = await issueOne(test)
    assert.equal(await outcome(withdraw(test, issued.id)), 'orderStateError')
    const failed = await place(test)
    await writeDirectly(test, `update orders set state = 'failed', run_at = null where id = ${failed.id}`)
    assert.equal(await outcome(withdraw(test, failed.id)), 'orderStateError')
    assert.equal(await outcome(submit(test, failed.id)), 'orderStateError')
  })

  onBothEngines('ends the review of an order, and a new application is reviewed anew', async (test) => {
    const { id } = await place(test)
    await writeDirectly(test, `update orders set state = 'reviewing', run_at = null where id = ${id}`)
    await writeDirectly(
      test,
      `insert into reviews (order_id, account_id, level, approvals_needed, state, opened_at) values (${id}, ${test.caller.accountId}, 'OV', 1, 'open', 0)`,
    )
    await withdraw(test, id)
    const review = await test.services.db.read.selectFrom('reviews').selectAll().where('order_id', '=', id).executeTakeFirstOrThrow()
    assert.deepEqual([review.state, review.decided_at], ['ended', test.clock.now])
  })

  onBothEngines('twice at once is done once', async (test) => {
    const { id } = await place(test)
    assert.deepEqual(await outcomes(withdraw(test, id), withdraw(test, id)), ['done', 'orderStateError'])
    await submit(test, id)
    await issuePlaced(test, id)
    await assertAgrees(test)
  })

  onBothEngines('is refused to a key that was switched off meanwhile', async (test) => {
    const { id } = await place(test)
    await writeDirectly(test, `update access_keys set status = 'Inactive'`)
    assert.equal(await outcome(withdraw(test, id)), 'callerInactive')
    assert.equal((await load(test, id)).state, 'validating')
  })

  onBothEngines("of another account's order is not found", async (test) => {
    const { id } = await place(test)
    const other = contextOf({ ...test.caller, accountId: test.caller.accountId + 1 })
    for (const move of [withdrawOrder, submitOrder, deleteOrder])
      assert.equal(await outcome(move(test.services, other, id)), 'notFoundOrder')
  })
})
