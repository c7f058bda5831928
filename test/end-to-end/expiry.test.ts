import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { application, itOnBothEngines, until, withService } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'

const dayMs = 86_400_000

describe('orders that run out of time', { concurrency: 2 }, () => {
  itOnBothEngines('an order that is not proven within 30 days fails; its unit stays used', async (data) => {
    let moved = 0
    const clock = () => Date.now() + moved
    await withService(
      data,
      async (service) => {
        const OrderId = String((await service.succeed('CreateCertificateRequest', application))['OrderId'])
        moved = 30 * dayMs - 60_000
        const before = await service.succeed('DescribeCertificateState', { OrderId })
        assert.equal(before['Type'], 'domain_verify')
        moved = 30 * dayMs
        const state = await until('the order to fail', async () => {
          const seen = await service.succeed('DescribeCertificateState', { OrderId })
          return seen['Type'] === 'verify_fail' ? seen : undefined
        })
        assert.deepEqual(Object.keys(state), ['RequestId', 'Type', 'FailureReason', 'FailureMessage'])
        assert.equal(state['FailureReason'], 'validationExpired')
        const { Failure } = await service.succeed('CheckValidation', { OrderId }, extension)
        const { Reason, Message } = Object(Failure) as Record<string, unknown>
        assert.equal(Reason, 'validationExpired')
        assert.match(String(Message), /30 days/)
        const { UsedCount, IssuedCount } = await service.succeed('DescribePackageState', {})
        assert.deepEqual({ UsedCount, IssuedCount }, { UsedCount: 1, IssuedCount: 0 })
      },
      {},
      { clock },
    )
  })
})
