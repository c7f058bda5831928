import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMasterKeyFile, loadMasterKeyFile } from '../../src/keys/master-key.ts'
import { createSealer, type Sealer } from '../../src/keys/sealer.ts'
import type { SharedSecrets } from '../../src/keys/shared-secrets.ts'
import { createAccessKeyFinder } from '../../src/ram/access-keys.ts'
import { MOST_ACCOUNT_KEYS } from '../../src/ram/keys/key-limits.ts'
import { SERVICE_ORIGIN } from '../../src/storage/events.ts'
import { type Engine, engines, sharedEngines, type TestDatabase } from '../support/engines.ts'
import { holdLock } from '../support/hold-lock.ts'
import { createTenant } from '../storage/tenant.ts'

const accountId = 1_000_000_000_000_001

/** No session token opens. */
const noSecrets: Pick<SharedSecrets, 'open'> = { open: async () => undefined }

interface Setting {
  readonly db: TestDatabase
  readonly other: TestDatabase
  readonly databaseUrl: string | undefined
  readonly sealer: Sealer
  readonly time: { now: number }
  /** Secrets that were opened, i.e. look-ups that were not answered from memory. */
  readonly opened: string[]
  find(accessKeyId: string): ReturnType<ReturnType<typeof createAccessKeyFinder>>
}

async function setUp(t: TestContext, engine: Engine): Promise<Setting> {
  const place = await engine.createPlace(t)
  const [db, other] = await place.openPair()
  const file = `${place.folder}/master.key`
  createMasterKeyFile(file, randomBytes)
  const sealer = createSealer(loadMasterKeyFile(file) ?? assert.fail(), randomBytes)
  await createTenant(db, accountId)
  const opened: string[] = []
  const watched: Sealer = {
    ...sealer,
    open(sealed, binding) {
      opened.push(binding.id)
      return sealer.open(sealed, binding)
    },
  }
  const time = { now: 1_000_000 }
  return {
    db,
    other,
    databaseUrl: place.databaseUrl,
    sealer,
    time,
    opened,
    find: createAccessKeyFinder({ db, sealer: watched, secrets: noSecrets, clock: () => time.now }),
  }
}

async function createKey({ sealer }: Setting, db: TestDatabase, accessKeyId: string, secret = 'the secret'): Promise<void> {
  await db.write.createAccessKey({
    accessKeyId,
    accountId,
    principal: 'somebody',
    secretSealed: sealer.seal(Buffer.from(secret), { purpose: 'accessKey', accountId, id: accessKeyId }),
    eventId: await db.nextId('events'),
    now: 0,
    userId: null,
    origin: SERVICE_ORIGIN,
    caller: null,
  })
  // On PostgreSQL the notice of the new key is on its way: what is read before it comes is not kept.
  await sleep(db.engine === 'postgres' ? 100 : 0)
}

/** Changes a row as no write of the service does: nobody is told. */
const changeSilently = (db: TestDatabase, sql: string) => db.write.runStatements({ statements: [[sql]] })

for (const engine of engines) {
  describe(`looking up access keys on ${engine.name}`, () => {
    it('gives the opened secret, its principal and account', async (t) => {
      const setting = await setUp(t, engine)
      await createKey(setting, setting.db, 'key', 'žluť "secret"')
      assert.deepEqual(await setting.find('key'), {
        accessKeyId: 'key',
        secret: 'žluť "secret"',
        status: 'Active',
        accountId,
        principal: 'somebody',
        identity: { kind: 'account' },
      })
      assert.equal(await setting.find('nobody'), undefined)
    })

    it('opens a secret once in five seconds', async (t) => {
      const setting = await setUp(t, engine)
      await createKey(setting, setting.db, 'key')
      for (let round = 0; round < 5; round++) await setting.find('key')
      assert.equal(setting.opened.length, 1)
      setting.time.now += 4_999
      await setting.find('key')
      assert.equal(setting.opened.length, 1)
      setting.time.now += 1
      await setting.find('key')
      assert.equal(setting.opened.length, 2)
    })

    it('sees a change that nobody told of after five seconds at most', async (t) => {
      const setting = await setUp(t, engine)
      await createKey(setting, setting.db, 'key')
      await setting.find('key')
      await changeSilently(setting.other, `update access_keys set status = 'Inactive' where id = 'key'`)
      assert.equal((await setting.find('key'))?.status, 'Active')
      setting.time.now += 5_000
      assert.equal((await setting.find('key'))?.status, 'Inactive')
    })

    it('sees at once a key that this process made, even if it was looked for before', async (t) => {
      const setting = await setUp(t, engine)
      assert.equal(await setting.find('key'), undefined)
      await createKey(setting, setting.db, 'key')
      assert.equal((await setting.find('key'))?.secret, 'the secret')
    })

    it('sees soon a key that another process made', async (t) => {
      const setting = await setUp(t, engine)
      // The clock stands still: only a notice can show it.
      for (let round = 0; ; round++) {
        const id = `key${round}`
        assert.equal(await setting.find(id), undefined)
        await changeSilently(setting.db, `delete from access_keys where principal = 'somebody'`)
        await createKey(setting, setting.other, id)
        await new Promise((resolve) => setTimeout(resolve, 50))
        if ((await setting.find(id)) !== undefined) break
        // The first notices may come before the process listens.
        assert.ok(round < 100, 'no notice came')
      }
    })

    it('shows the keys of a suspended account as inactive', async (t) => {
      const setting = await setUp(t, engine)
      await createKey(setting, setting.db, 'key')
      await changeSilently(setting.db, `update accounts set status = 'suspended'`)
      assert.equal((await setting.find('key'))?.status, 'Inactive')
    })

    it('looks again after the clock was set back', async (t) => {
      const setting = await setUp(t, engine)
      await createKey(setting, setting.db, 'key')
      await setting.find('key')
      setting.time.now -= 3_600_000
      await setting.find('key')
      assert.equal(setting.opened.length, 2)
    })

    it('does not fill the memory with ids that nobody owns', async (t) => {
      const setting = await setUp(t, engine)
      await createKey(setting, setting.db, 'key')
      await setting.find('key')
      for (let index = 0; index < 1_000; index++) await setting.find(`nobody ${index}`)
      await setting.find('key')
      assert.equal(setting.opened.length, 2)
    })
  })

  describe(`making access keys on ${engine.name}`, () => {
    it(`stops at ${MOST_ACCOUNT_KEYS} active keys of a principal, also when two processes are asked at once`, async (t) => {
      const setting = await setUp(t, engine)
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) => createKey(setting, index % 2 === 0 ? setting.db : setting.other, `key${index}`)),
      )
      const refused = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [(outcome.reason as { problem?: string }).problem] : [],
      )
      assert.deepEqual(refused, ['tooManyAccessKeys', 'tooManyAccessKeys', 'tooManyAccessKeys'])
      await changeSilently(
        setting.db,
        `update access_keys set status = 'Inactive' where id = (select min(id) from access_keys where principal = 'somebody')`,
      )
      await createKey(setting, setting.db, 'one more')
      await assert.rejects(createKey(setting, setting.db, 'too many'), { problem: 'tooManyAccessKeys' })
    })
  })
}

for (const engine of sharedEngines) {
  describe(`making access keys on ${engine.name}`, () => {
    it('counts the keys that another process is storing at the same moment', async (t) => {
      const setting = await setUp(t, engine)
      // Both groups stop where a key refers to its account, and go on at the same moment.
      const account = await holdLock(setting.databaseUrl ?? '', `select 1 from accounts where id = ${accountId} for update`)
      const pair = [setting.db, setting.other]
      const work = Promise.allSettled(pair.flatMap((db, of) => [1, 2, 3, 4].map((index) => createKey(setting, db, `key-${of}-${index}`))))
      await account.waiters(2)
      await account.release()
      assert.equal((await work).filter(({ status }) => status === 'fulfilled').length, MOST_ACCOUNT_KEYS)
    })
  })
}
