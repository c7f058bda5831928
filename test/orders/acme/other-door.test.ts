import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { actions } from '../../../src/actions/index.ts'
import { showAcmeOrder } from '../../../src/orders/acme/show-order.ts'
import { Problem } from '../../../src/problem.ts'
import { contextOf } from '../../support/context.ts'
import { load, notProven, onBothEngines, start, type TestServices } from '../open-test-services.ts'
import { linesOf, outcome } from '../life-of-orders.ts'
import { startChallenge } from '../../../src/orders/acme/start-challenge.ts'
import { assertAgrees, charged, doorSettings, finalize, issue, keyUnits, openDoor, order, prove, runDue, usedUnits } from './door.ts'

/** What the RPC door answers the tenant; the code of a refusal. */
async function call({ services, caller }: TestServices, name: string, input: Readonly<Record<string, string | number>>) {
  const action = actions.find((one) => one.name === name) ?? assert.fail(name)
  const texts = Object.fromEntries(Object.entries(input).map(([key, value]) => [key, String(value)]))
  try {
    return action.output.parse(await action.run(action.input.parse(texts), contextOf(caller, { action: name }), services))
  } catch (error) {
    if (error instanceof Problem) return { refused: error.problem }
    throw error
  }
}

const names = ['a.example.com', '*.a.example.com']

describe('an order of the ACME door at the RPC door', () => {
  onBothEngines(
    'shows where it stands',
    async (test) => {
      const caller = await openDoor(test)
      const { id, authorizationIds } = await order(test, caller, names)
      const describeIt = async () => await call(test, 'DescribeCertificateState', { OrderId: id })
      const adviceOf = async () => ((await call(test, 'ExplainOrder', { OrderId: id }))['Advice'] as string[]).join(' ')
      const statusOf = async () => {
        const { CertificateOrderList: list } = await call(test, 'ListUserCertificateOrder', { OrderType: 'CPACK' })
        return (list as { OrderId: number; Status: string; Domain: string }[]).flatMap((one) =>
          one.OrderId === id ? [one.Status, one.Domain] : [],
        )
      }
      const shown = await describeIt()
      assert.deepEqual(
        [shown['Type'], shown['ValidateType'], shown['RecordDomain']],
        ['domain_verify', 'DNS', '_acme-challenge.a.example.com'],
      )
      assert.match(await adviceOf(), /ACME client has to choose a challenge for a\.example\.com/)
      assert.deepEqual(await statusOf(), ['CHECKING', names.join(',')])
      await startChallenge(test.services, caller, authorizationIds[0] ?? 0, 'http-01')
      const explained = await call(test, 'ExplainOrder', { OrderId: id })
      assert.match(
        JSON.stringify(explained['Advice']),
        new RegExp(`answer the challenge http-01 of a\\.example\\.com\\. ${notProven.message}`),
      )
      assert.equal((await call(test, 'CheckValidation', { OrderId: id }))['refused'], undefined)
      test.clock.now += 2_000
      await prove(test, caller, await showAcmeOrder(test.services, caller, id))
      assert.equal((await describeIt())['Type'], 'process')
      assert.match(await adviceOf(), /finalize/)
      await finalize(test, caller, await showAcmeOrder(test.services, caller, id))
      const issued = await describeIt()
      assert.equal(issued['Type'], 'certificate')
      assert.match(String(issued['Certificate']), /BEGIN CERTIFICATE/)
      assert.equal(issued['PrivateKey'] ?? '', '')
      assert.deepEqual(await statusOf(), ['WILLEXPIRED', names.join(',')])
      const lost = await order(test, caller, ['lost.example.com'])
      test.clock.now += 86_400_000
      await runDue(test)
      const failed = await call(test, 'DescribeCertificateState', { OrderId: lost.id })
      assert.deepEqual([failed['Type'], failed['FailureReason']], ['verify_fail', 'acmeOrderLost'])
      const advice = JSON.stringify((await call(test, 'ExplainOrder', { OrderId: lost.id }))['Advice'])
      assert.match(advice, /place a new order; the unit of this one was given back/)
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'ends as it is withdrawn: its units go back once, and it can be deleted',
    async (test) => {
      const caller = await openDoor(test)
      const placed = await order(test, caller, names)
      assert.equal((await call(test, 'DeleteCertificateRequest', { OrderId: placed.id }))['refused'], 'orderStateError')
      assert.equal((await call(test, 'CancelOrderRequest', { OrderId: placed.id }))['refused'], undefined)
      const view = await showAcmeOrder(test.services, caller, placed.id)
      assert.deepEqual([view.status, view.error?.problem, view.retryAfterS], ['invalid', 'acmeOrderLost', null])
      assert.equal((await prove(test, caller, placed)).status, 'invalid')
      assert.equal(await outcome(finalize(test, caller, placed)), 'orderNotReady')
      assert.equal((await call(test, 'SubmitOrder', { OrderId: placed.id }))['refused'], 'orderStateError')
      assert.deepEqual([await linesOf(test, placed.id), await usedUnits(test), await keyUnits(test, caller)], [['reserve', 'refund'], 0, 0])
      const shown = await call(test, 'DescribeCertificateState', { OrderId: placed.id })
      assert.deepEqual([shown['Type'], shown['FailureReason']], ['verify_fail', 'acmeOrderLost'])
      const explained = JSON.stringify(await call(test, 'ExplainOrder', { OrderId: placed.id }))
      assert.match(explained, /place a new order; the unit of this one was given back.*"The application was taken back\."/)
      assert.equal((await call(test, 'CancelOrderRequest', { OrderId: placed.id }))['refused'], 'orderStateError')
      const ended = await test.services.db.read.selectFrom('events').select('principal').where('kind', '=', 'order.failed').execute()
      assert.deepEqual(
        ended.map(({ principal }) => principal),
        [test.caller.principal],
      )
      await assertAgrees(test)
      assert.notEqual((await order(test, caller, names)).id, placed.id)
      assert.equal((await call(test, 'DeleteCertificateRequest', { OrderId: placed.id }))['refused'], undefined)
      assert.deepEqual([await linesOf(test, placed.id), await usedUnits(test), await keyUnits(test, caller)], [['reserve', 'refund'], 3, 3])
      assert.equal((await showAcmeOrder(test.services, caller, placed.id)).status, 'invalid')
      test.clock.now += 86_400_000
      await runDue(test)
      const failed = await order(test, caller, ['b.example.com'])
      test.clock.now += 86_400_000
      await runDue(test)
      assert.equal((await call(test, 'DeleteCertificateRequest', { OrderId: failed.id }))['refused'], undefined)
      assert.deepEqual(await linesOf(test, failed.id), ['reserve', 'refund'])
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'is withdrawn while its challenge is looked at: nothing comes of the look',
    async (test) => {
      const caller = await openDoor(test)
      const placed = await order(test, caller, ['a.example.com'])
      await startChallenge(test.services, caller, placed.authorizationIds[0] ?? 0, 'http-01')
      await call(test, 'CancelOrderRequest', { OrderId: placed.id })
      for (const ms of [2_000, 4_000]) {
        test.clock.now += ms
        await runDue(test)
      }
      assert.deepEqual([(await load(test, placed.id)).state, await linesOf(test, placed.id)], ['failed', ['reserve', 'refund']])
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'is cancelled with its certificate, whose units go back to plan and key; only its client renews it',
    async (test) => {
      const caller = await openDoor(test)
      const { id } = await issue(test, caller, ['a.example.com'], { profile: charged })
      assert.equal((await call(test, 'RenewCertificateOrderForPackageRequest', { OrderId: id }))['refused'], 'orderStateError')
      test.clock.now = start + 10 * 86_400_000
      assert.equal((await call(test, 'RenewCertificateOrderForPackageRequest', { OrderId: id }))['refused'], 'orderStateError')
      assert.equal(await keyUnits(test, caller), 1)
      assert.equal((await call(test, 'CancelCertificateForPackageRequest', { OrderId: id }))['refused'], undefined)
      assert.deepEqual([await usedUnits(test, charged), await keyUnits(test, caller)], [0, 0])
      assert.deepEqual([(await load(test, id)).state, await linesOf(test, id)], ['revoked', ['reserve', 'commit', 'refund']])
      assert.equal((await showAcmeOrder(test.services, caller, id)).status, 'valid')
      assert.equal((await call(test, 'CancelCertificateForPackageRequest', { OrderId: id }))['refused'], 'certificateRevoked')
      await assertAgrees(test)
    },
    doorSettings,
  )
})
