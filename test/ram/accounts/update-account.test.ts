import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { Caller } from '../../../src/gateway/caller.ts'
import { buyPlan } from '../../../src/plans/buy-plan.ts'
import { createAccount } from '../../../src/ram/accounts/create-account.ts'
import { loadAccount } from '../../../src/ram/accounts/load-account.ts'
import { atTheMachine } from '../../../src/ram/accounts/operator.ts'
import { type AccountChanges, updateAccount } from '../../../src/ram/accounts/update-account.ts'
import { onBothEngines, type TestServices } from '../../orders/open-test-services.ts'
import { accountCaller, contextOf } from '../../support/context.ts'

async function makeTenant({ services }: TestServices): Promise<Caller> {
  const { accountId, accessKeyId } = await createAccount(services, atTheMachine, { name: 'a tenant', token: undefined })
  return accountCaller(accountId, accessKeyId)
}

const change = (test: TestServices, accountId: number, changes: AccountChanges) =>
  updateAccount(test.services, atTheMachine, accountId, changes)

describe('a change of an account', () => {
  onBothEngines('touches what it names and nothing else, also beside another change', async (test) => {
    const { accountId } = await makeTenant(test)
    // All begin before any is written: none may bring back what it read at its beginning.
    await Promise.all([
      change(test, accountId, { status: 'suspended' }),
      change(test, accountId, { keyReading: 'separate' }),
      change(test, accountId, { setOperators: true }),
      change(test, accountId, { name: ' renamed ' }),
    ])
    const { name, status, key_reading, set_operators } = await loadAccount(test.services, accountId)
    assert.deepEqual([name, status, key_reading, set_operators], ['renamed', 'suspended', 'separate', 1])
  })

  onBothEngines('is on record in the trail of the operator, with what was asked for', async (test) => {
    const { accountId } = await makeTenant(test)
    await change(test, accountId, { setOperators: false, keyReading: 'original' })
    const event = await test.services.db.read
      .selectFrom('events')
      .select(['account_id', 'resource', 'detail'])
      .where('kind', '=', 'account.updated')
      .executeTakeFirstOrThrow()
    assert.deepEqual(
      [event.account_id, event.resource, JSON.parse(event.detail)],
      [test.installation.rootAccountId, `account/${accountId}`, { setOperators: false, keyReading: 'original' }],
    )
  })

  onBothEngines(
    'of an account that does not exist, to a wrong name or by suspending the operator is refused and leaves no trace',
    async (test) => {
      const { accountId } = await makeTenant(test)
      await assert.rejects(change(test, accountId + 1, { name: 'x' }), { problem: 'accountNotExist' })
      await assert.rejects(change(test, accountId, { name: ' ' }), { problem: 'missingParameter' })
      for (const name of ['a\nb', 'a\u202eb', 'x'.repeat(65)]) {
        await assert.rejects(change(test, accountId, { name }), { problem: 'invalidParameter' }, name)
      }
      await assert.rejects(change(test, test.installation.rootAccountId, { status: 'suspended' }), { problem: 'operatorAccount' })
      const events = await test.services.db.read.selectFrom('events').select('id').where('kind', '=', 'account.updated').execute()
      assert.equal(events.length, 0)
      assert.equal((await loadAccount(test.services, accountId)).name, 'a tenant')
    },
  )

  onBothEngines('that suspends it stops writes that were let in before', async (test) => {
    const tenant = await makeTenant(test)
    const buy = (caller: Caller) =>
      buyPlan(test.services, { context: contextOf(caller), productCode: 'geotrust-dv-1-starter', units: 1, clientToken: undefined })
    await buy(tenant)
    await change(test, tenant.accountId, { status: 'suspended' })
    // The door is passed: what it knew is a moment old.
    await assert.rejects(buy(tenant), { problem: 'callerInactive' })
    await change(test, tenant.accountId, { status: 'active' })
    await buy(tenant)
  })
})
