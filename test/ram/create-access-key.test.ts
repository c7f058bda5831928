import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { Problem } from '../../src/problem.ts'
import { createAccessKeyFinder } from '../../src/ram/access-keys.ts'
import { createRootAccessKey } from '../../src/ram/create-root-access-key.ts'
import { MOST_ACCOUNT_KEYS } from '../../src/ram/keys/key-limits.ts'
import { onBothEngines, type TestServices, writeDirectly } from '../orders/open-test-services.ts'

const tooMany = (error: unknown) => error instanceof Problem && error.problem === 'tooManyAccessKeys'

async function countKeys({ services: { db } }: TestServices): Promise<number> {
  return (await db.read.selectFrom('access_keys').select('id').execute()).length
}

describe('a further access key', () => {
  onBothEngines('belongs to the root of the first account and can be found by its id', async (test) => {
    const { services } = test
    const made = await createRootAccessKey(services)
    assert.equal(made.accountId, test.caller.accountId)
    assert.notEqual(made.accessKeyId, test.caller.accessKeyId)
    const found = await createAccessKeyFinder(services)(made.accessKeyId)
    assert.deepEqual(
      [found?.secret, found?.status, found?.accountId, found?.principal],
      [made.secret, 'Active', made.accountId, test.caller.principal],
    )
    const other = await createRootAccessKey(services)
    assert.notEqual(other.secret, made.secret)
  })

  onBothEngines('is on record with an event, and its secret nowhere in the clear', async (test) => {
    const { db } = test.services
    const { accessKeyId, secret } = await createRootAccessKey(test.services)
    const row = await db.read.selectFrom('access_keys').selectAll().where('id', '=', accessKeyId).executeTakeFirstOrThrow()
    assert.ok(!Buffer.from(row.secret_sealed).includes(secret))
    const events = await db.read.selectFrom('events').selectAll().where('kind', '=', 'accessKey.created').execute()
    assert.deepEqual(
      events.map(({ resource, at }) => [resource, at]),
      [[`accessKey/${accessKeyId}`, test.clock.now]],
    )
    assert.ok(!JSON.stringify(events).includes(secret))
  })

  onBothEngines('is refused beyond the most active ones, and nothing of it is left', async (test) => {
    const { services } = test
    for (let count = await countKeys(test); count < MOST_ACCOUNT_KEYS; count += 1) await createRootAccessKey(services)
    await assert.rejects(createRootAccessKey(services), tooMany)
    assert.equal(await countKeys(test), MOST_ACCOUNT_KEYS)
    const { length } = await services.db.read.selectFrom('events').select('id').where('kind', '=', 'accessKey.created').execute()
    assert.equal(length, MOST_ACCOUNT_KEYS - 1)
    // One that is no longer active makes room.
    await writeDirectly(test, `update access_keys set status = 'Inactive' where id = '${test.caller.accessKeyId}'`)
    await createRootAccessKey(services)
  })

  onBothEngines('is refused beyond the most also when many are made at once', async (test) => {
    const made = await Promise.allSettled(Array.from({ length: 12 }, () => createRootAccessKey(test.services)))
    const refused = made.filter((one) => one.status === 'rejected')
    assert.ok(refused.every(({ reason }) => tooMany(reason)))
    assert.equal(await countKeys(test), MOST_ACCOUNT_KEYS)
    assert.equal(made.length - refused.length, MOST_ACCOUNT_KEYS - 1)
  })
})
