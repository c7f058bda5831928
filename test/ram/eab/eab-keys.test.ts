import assert from 'node:assert/strict'
import type { Caller } from '../../../src/gateway/caller.ts'
import { describe } from 'node:test'
import { callerOfEabKey } from '../../../src/ram/eab/eab-key.ts'
import { createEabKey, type EabKeyRequest } from '../../../src/ram/eab/create-eab-key.ts'
import { openEabKeys } from '../../../src/ram/eab/eab-keys.ts'
import { createUser } from '../../../src/ram/users/create-user.ts'
import { contextOf } from '../../support/context.ts'
import { plantAcmeAccount } from '../../support/plant-acme-account.ts'
import { dayMs, onBothEngines, type TestServices, writeDirectly } from '../../orders/open-test-services.ts'

const wished: EabKeyRequest = {
  name: 'a key',
  userName: undefined,
  products: ['chancery-private-mix'],
  domains: null,
  tags: [],
  unitLimit: null,
  accountLimit: null,
  expiresAt: null,
}
const unusable = { problem: 'eabKeyUnusable' }

async function makeKey(test: TestServices, changes: Partial<EabKeyRequest> = {}): Promise<string> {
  return (await createEabKey(test.services, contextOf(test.caller), { ...wished, ...changes })).keyId
}

/** Whether a write that an ACME account asks for is let through: of an account that does not exist otherwise. */
async function isActive(test: TestServices, caller: Caller): Promise<boolean> {
  const { db } = test.services
  const input = {
    caller,
    origin: { principal: '', action: null, sourceIp: null, requestId: null },
    eventId: await db.nextId('events'),
    now: test.clock.now,
  }
  return await db.write.revokeAcmeAccount({ ...input, acmeAccountId: 1_999_999 }).then(
    () => assert.fail('there is no such ACME account'),
    (error: { problem?: string }) => {
      assert.ok(error.problem === 'entityNotExist' || error.problem === 'callerInactive', error.problem ?? 'no problem')
      return error.problem === 'entityNotExist'
    },
  )
}

async function open(test: TestServices, keyId: string): Promise<Caller> {
  const acmeAccountId = await plantAcmeAccount(
    { services: test.services, data: { folder: test.folder } },
    { accountId: test.caller.accountId, eabKeyId: keyId },
  )
  return callerOfEabKey(await test.services.eabKeys.load(keyId), acmeAccountId)
}

void describe('an external account key', () => {
  onBothEngines('stands for its user, or for the account', async (test) => {
    const { accountId } = test.caller
    await createUser(test.services, contextOf(test.caller), {
      name: 'alice',
      displayName: '',
      mobilePhone: '',
      email: '',
      comments: '',
      tags: [],
    })
    const own = await open(test, await makeKey(test))
    assert.deepEqual([own.identity, own.principal, own.accountId], [{ kind: 'account' }, `acs:ram::${accountId}:root`, accountId])
    const users = await open(test, await makeKey(test, { userName: 'alice' }))
    assert.equal(users.principal, `acs:ram::${accountId}:user/alice`)
    assert.ok(users.identity.kind === 'user' && users.identity.userName === 'alice')
    assert.notEqual(users.acmeAccountId, own.acmeAccountId)
  })

  onBothEngines('is usable until it is switched off, ends or is deleted, seen at once', async (test) => {
    const { db, eabKeys } = test.services
    const keyId = await makeKey(test, { expiresAt: test.clock.now + dayMs })
    const change = async () => ({
      caller: test.caller,
      origin: { principal: '', action: null, sourceIp: null, requestId: null },
      eventId: await db.nextId('events'),
      now: test.clock.now,
      keyId,
    })
    await eabKeys.load(keyId)
    await db.write.updateEabKey({ ...(await change()), changes: { status: 'Inactive' } })
    await assert.rejects(eabKeys.load(keyId), unusable)
    await db.write.updateEabKey({ ...(await change()), changes: { status: 'Active', domains: ['a.example'] } })
    assert.deepEqual((await eabKeys.load(keyId)).domains, ['a.example'])
    test.clock.now += dayMs
    await assert.rejects(eabKeys.load(keyId), unusable)
    await db.write.updateEabKey({ ...(await change()), changes: { expiresAt: null } })
    await eabKeys.load(keyId)
    await db.write.deleteEabKey(await change())
    await assert.rejects(eabKeys.load(keyId), unusable)
    await assert.rejects(eabKeys.load('eab-no0such0key000000000'), unusable)
  })

  onBothEngines('is read again after five seconds, even if no notice came', async (test) => {
    const { db } = test.services
    // One that hears nothing: notices come late on PostgreSQL.
    const eabKeys = openEabKeys({ db: { ...db, onNotify: () => () => undefined }, clock: () => test.clock.now })
    const keyId = await makeKey(test)
    await eabKeys.load(keyId)
    await writeDirectly(test, `update eab_keys set status = 'Inactive'`)
    test.clock.now += 4_999
    await eabKeys.load(keyId)
    test.clock.now += 1
    await assert.rejects(eabKeys.load(keyId), unusable)
  })

  for (const [title, statement] of [
    ['its ACME account is deactivated', `update acme_accounts set status = 'deactivated'`],
    ['its ACME account is revoked', `update acme_accounts set status = 'revoked'`],
    ['its key is switched off', `update eab_keys set status = 'Inactive'`],
    ['its key is deleted', `update eab_keys set status = 'Deleted', mac_sealed = null`],
    ['the user of its key is gone', `update eab_keys set user_id = 999999`],
    [
      'its key is another tenant’s',
      `update acme_accounts set account_id = account_id + 0, eab_key_id = (select id from eab_keys where name = 'foreign')`,
    ],
    ['its tenant is suspended', `update accounts set status = 'suspended'`],
  ] as const) {
    onBothEngines(`lets an ACME account write no more once ${title}`, async (test) => {
      const { accountId } = test.caller
      await writeDirectly(test, `insert into accounts (id, name, status, created_at) values (${accountId + 1}, 'other', 'active', 1)`)
      const foreign = await makeKey(test, { name: 'foreign' })
      await writeDirectly(test, `update eab_keys set account_id = ${accountId + 1} where id = '${foreign}'`)
      const caller = await open(test, await makeKey(test))
      assert.equal(await isActive(test, caller), true)
      assert.equal(await isActive(test, { ...caller, accountId: accountId + 1 }), false)
      await writeDirectly(test, statement)
      assert.equal(await isActive(test, caller), false)
    })
  }

  onBothEngines('is not needed: an account without one writes while it is valid', async (test) => {
    const { accountId } = test.caller
    const acmeAccountId = await plantAcmeAccount({ services: test.services, data: { folder: test.folder } }, { accountId, eabKeyId: null })
    const caller = callerOfEabKey({ accountId, user: null }, acmeAccountId)
    assert.equal(await isActive(test, caller), true)
    await writeDirectly(test, `update acme_accounts set status = 'deactivated'`)
    assert.equal(await isActive(test, caller), false)
  })

  onBothEngines('is no key of an account that has a thousand already', async (test) => {
    const { accountId } = test.caller
    await makeKey(test)
    await writeDirectly(
      test,
      `with recursive n (i) as (select 1 union all select i + 1 from n where i < 999)
       insert into eab_keys (id, account_id, name, mac_sealed, status, products, tags, units_used, accounts_bound, created_at, updated_at)
         select 'eab-' || n.i, ${accountId}, '', k.mac_sealed, 'Active', '[]', '[]', 0, 0, n.i, n.i from n, eab_keys k`,
    )
    await assert.rejects(makeKey(test), { problem: 'limitExceeded' })
    await writeDirectly(test, `update eab_keys set status = 'Deleted', mac_sealed = null where id = 'eab-1'`)
    await makeKey(test)
  })
})
