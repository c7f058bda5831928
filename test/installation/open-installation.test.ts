import assert from 'node:assert/strict'
import { randomBytes, X509Certificate } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { readRootKey, writeRootKey } from '../../src/installation/root-key-file.ts'
import { findUntoldKey, forgetUntoldKey, keepUntoldKey } from '../../src/installation/untold-key-file.ts'
import { createMasterKeyFile } from '../../src/keys/master-key.ts'
import { createSealer } from '../../src/keys/sealer.ts'
import { createAccessKeyFinder } from '../../src/ram/access-keys.ts'
import { listIssuers } from '../../src/storage/accounts.ts'
import { atBothEngines, start } from './place.ts'

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8)

void describe('the first start', () => {
  atBothEngines('makes account, access key, plan and CA, in a data folder that it makes itself', async (place) => {
    const { services, installation } = await place.open()
    const { db } = services
    const { accessKeyId, secret, secretIsGiven } = installation.created ?? assert.fail('nothing was made')
    assert.match(accessKeyId, /^LTAI[A-Za-z0-9]{20}$/)
    assert.match(secret, /^[A-Za-z0-9]{30}$/)
    assert.equal(secretIsGiven, false)
    assert.match(String(installation.rootAccountId), /^\d{16}$/)
    const plans = await db.read.selectFrom('plans').selectAll().orderBy('id').execute()
    assert.deepEqual(
      plans.map((plan) => [plan.product_code, plan.total, plan.used, plan.account_id]),
      ['digicert-free-1-free', 'chancery-private-mix'].map((code) => [code, 20, 0, installation.rootAccountId]),
    )
    assert.deepEqual((await listIssuers(db.read)).map(({ kind }) => kind).sort(), ['intermediate', 'root'])
    const key = await createAccessKeyFinder({ ...services, db })(accessKeyId)
    assert.deepEqual([key?.secret, key?.status, key?.accountId], [secret, 'Active', installation.rootAccountId])
    const { secret_sealed } = await db.read.selectFrom('access_keys').selectAll().executeTakeFirstOrThrow()
    assert.equal(Buffer.from(secret_sealed).includes(secret), false)
  })

  atBothEngines('takes the key that the environment gives, and writes its secret to no file', async (place) => {
    const env = { CHANCERY_ROOT_ACCESS_KEY_ID: 'testid', CHANCERY_ROOT_ACCESS_KEY_SECRET: 'a-secret-of-the-tests' }
    const { installation, close } = await place.open(env)
    assert.deepEqual(installation.created, { accessKeyId: 'testid', secret: 'a-secret-of-the-tests', secretIsGiven: true })
    await close()
    for (const name of readdirSync(place.folder))
      assert.equal(readFileSync(join(place.folder, name)).includes('a-secret-of-the-tests'), false, name)
  })

  atBothEngines('takes the master key that the environment gives, makes no file of it, and refuses another one', async (place) => {
    const env = { CHANCERY_MASTER_KEY: randomBytes(32).toString('base64') }
    const { close } = await place.open(env)
    await close()
    assert.deepEqual(
      readdirSync(place.folder).filter((name) => name === 'master.key'),
      [],
    )
    const again = await place.open(env)
    assert.match(String(again.installation.rootAccountId), /^\d{16}$/)
    await again.close()
    await assert.rejects(
      place.open({ CHANCERY_MASTER_KEY: randomBytes(32).toString('base64') }),
      /CHANCERY_MASTER_KEY .* does not fit the database/,
    )
    await assert.rejects(place.open(), /is not in .*master\.key/)
  })

  atBothEngines('is of one mode for good: an emulator never issues from a CA for real use, nor the other way round', async (place) => {
    const { close } = await place.open()
    await close()
    await assert.rejects(place.open({ CHANCERY_EMULATOR: '1' }), /for real use: the emulator mode needs a data folder/)
    await (await place.open()).close()
  })

  atBothEngines('says in the names of its CA that it is an emulator, and refuses to become a real one', async (place) => {
    const { services, close } = await place.open({ CHANCERY_EMULATOR: '1' })
    for (const { certificate } of await listIssuers(services.db.read)) {
      assert.match(new X509Certificate(certificate).subject, /CN=EMULATOR /)
    }
    await close()
    await assert.rejects(place.open(), /made in emulator mode and stays in it/)
  })

  atBothEngines('keeps the key of the root in a file of mode 0600 that opens under its own binding alone', async (place) => {
    const { services } = await place.open()
    const root = (await listIssuers(services.db.read)).find(({ kind }) => kind === 'root') ?? assert.fail('no root')
    assert.equal(root.key_sealed, null)
    const file = join(place.folder, `root-${root.id}.key`)
    assert.equal(mode(file), '600')
    assert.equal(mode(join(place.folder, 'master.key')), '600')
    assert.equal(mode(place.folder), '700')
    const sealed = readRootKey(file)
    assert(services.sealer.open(sealed, { purpose: 'rootKey', accountId: 0, id: root.id }).length > 100)
    for (const wrong of [
      { purpose: 'issuerKey', accountId: 0, id: root.id },
      { purpose: 'rootKey', accountId: 1, id: root.id },
      { purpose: 'rootKey', accountId: 0, id: '00000000' },
    ] as const) {
      assert.throws(() => services.sealer.open(sealed, wrong), { name: 'SealError', reason: 'authentication' })
    }
  })

  atBothEngines(
    'after one that was killed before its installation was on record uses its master key and makes a new root',
    async (place) => {
      mkdirSync(place.folder, { mode: 0o700 })
      const masterKey = createMasterKeyFile(join(place.folder, 'master.key'), randomBytes)
      writeRootKey(join(place.folder, 'root-0123abcd.key'), Buffer.from('the key of a root that nobody knows'))
      keepUntoldKey(place.folder, { accessKeyId: 'LTAIthatNobodyKnows', secret: 'of no use' })
      const { services, installation, close } = await place.open()
      assert.equal(services.sealer.masterKeyId, createSealer(masterKey, randomBytes).masterKeyId)
      assert.notEqual(installation.created?.accessKeyId, 'LTAIthatNobodyKnows')
      await close()
      assert.equal(findUntoldKey(place.folder)?.accessKeyId, installation.created?.accessKeyId)
    },
  )
})

void describe('the secret of the first key', () => {
  atBothEngines('waits in a file of mode 0600 until it is told, so that a start that fails later loses nothing', async (place) => {
    const first = await place.open()
    const [file, ...more] = readdirSync(place.folder).filter((name) => name.endsWith('.untold'))
    assert.deepEqual(more, [])
    assert.equal(mode(join(place.folder, file ?? '')), '600')
    await first.close()
    const second = await place.open()
    assert.deepEqual(second.installation.created, first.installation.created)
    await second.close()
    forgetUntoldKey(place.folder)
    assert.equal((await place.open()).installation.created, undefined)
  })

  atBothEngines('is left to the process that is about to tell it', async (place) => {
    const first = await place.open()
    await first.close()
    const file = join(place.folder, 'root-access-key.untold')
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { pid: number }
    writeFileSync(file, JSON.stringify({ ...kept, pid: process.ppid }))
    assert.equal(findUntoldKey(place.folder), undefined)
    writeFileSync(file, JSON.stringify({ ...kept, pid: 2 ** 22 + 1 }))
    assert.equal(findUntoldKey(place.folder)?.secret, first.installation.created?.secret)
  })
})

void describe('a later start', () => {
  atBothEngines('keeps everything and ignores a key of the environment', async (place) => {
    const first = await place.open()
    const issuer = first.services.authority.issuerId
    forgetUntoldKey(place.folder)
    await first.close()
    place.clock.now = start + 1_000
    const env = { CHANCERY_ROOT_ACCESS_KEY_ID: 'testid', CHANCERY_ROOT_ACCESS_KEY_SECRET: 'a-secret-of-the-tests' }
    const second = await place.open(env)
    assert.equal(second.installation.created, undefined)
    assert.equal(second.installation.rootAccountId, first.installation.rootAccountId)
    assert.equal(second.services.authority.issuerId, issuer)
    const { db } = second.services
    assert.equal((await db.read.selectFrom('access_keys').selectAll().where('id', '=', 'testid').execute()).length, 0)
    assert.equal((await db.read.selectFrom('plans').selectAll().execute()).length, 2)
  })

  atBothEngines('with another master key is refused, and with none too; nothing is made', async (place) => {
    await (await place.open()).close()
    const key = join(place.folder, 'master.key')
    renameSync(key, `${key}.away`)
    await assert.rejects(place.open(), { name: 'DatabaseUnusableError', message: /master key .* is not in .*master\.key/ })
    assert.equal(readdirSync(place.folder).includes('master.key'), false)
    writeFileSync(key, `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 })
    await assert.rejects(place.open(), { name: 'DatabaseUnusableError', message: /does not fit the database/ })
    copyFileSync(`${key}.away`, key)
    assert.equal((await (await place.open()).services.db.read.selectFrom('installation').selectAll().execute()).length, 1)
  })

  atBothEngines('with another CHANCERY_PKI_URL than the CA was made with is refused', async (place) => {
    await (await place.open({ CHANCERY_PKI_URL: 'http://pki.example' })).close()
    await assert.rejects(place.open({ CHANCERY_PKI_URL: 'http://other.example' }), {
      name: 'DatabaseUnusableError',
      message: /http:\/\/pki\.example/,
    })
    const { services } = await place.open()
    assert.match(services.authority.crlUrl(0) ?? '', /^http:\/\/pki\.example\/crl\//)
  })
})

void describe('two first starts', () => {
  atBothEngines('at once on one database give one installation', async (place) => {
    if (place.settings().databaseUrl === undefined) {
      const both = await Promise.allSettled([place.open(), place.open()])
      assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
      return
    }
    const both = await Promise.all([place.open(), place.open()])
    assert.equal(new Set(both.map(({ services }) => services.authority.issuerId)).size, 1)
    assert.equal((await both[0].services.db.read.selectFrom('accounts').selectAll().execute()).length, 1)
    assert.equal(readdirSync(place.folder).filter((name) => name.startsWith('root-') && name.endsWith('.key')).length, 1)
  })
})
