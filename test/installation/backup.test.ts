import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it, type TestContext } from 'node:test'
import pg from 'pg'
import pino from 'pino'
import { renewCrl } from '../../src/ca/renew-crl.ts'
import { loadSettings, type Settings } from '../../src/config.ts'
import { backupKeys } from '../../src/installation/backup-keys.ts'
import { takeBackup, unpackBackup } from '../../src/installation/backup.ts'
import { followMasterKeys } from '../../src/installation/follow-master-keys.ts'
import { nextMasterKeyFile } from '../../src/installation/master-key-files.ts'
import { raiseNumbers } from '../../src/installation/raise-numbers.ts'
import { rotateMasterKey } from '../../src/installation/rotate-master-key.ts'
import { showMasterKeys } from '../../src/installation/show-master-keys.ts'
import { signNextRootCrl } from '../../src/installation/sign-next-root-crl.ts'
import { createMasterKeyFile } from '../../src/keys/master-key.ts'
import { createSealer } from '../../src/keys/sealer.ts'
import { openServices, type OpenedServices } from '../../src/open-services.ts'
import { placeOrder } from '../../src/orders/place-order.ts'
import { auditPlans } from '../../src/plans/audit-plans.ts'
import { findCrl } from '../../src/storage/certificates.ts'
import type { Sequence } from '../../src/storage/database.ts'
import { DatabaseUnusableError } from '../../src/storage/errors.ts'
import { reportNotRun } from '../support/not-run.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { accountCaller, contextOf } from '../support/context.ts'

const accessKeyId = 'testid'

/** A folder for data folders and backups; whatever is open on them is closed at the end. */
interface Home {
  readonly path: string
  open(data: string, env?: Readonly<Record<string, string>>): Promise<OpenedServices>
}

function newHome(t: TestContext): Home {
  const path = mkdtempSync(join(tmpdir(), 'chancery-test-'))
  const closes: (() => Promise<void>)[] = []
  t.after(async () => {
    for (const close of closes) await close()
    rmSync(path, { recursive: true, force: true })
  })
  return {
    path,
    async open(data, env = {}) {
      const opened = await openServices(settingsOf(join(path, data), env), pino({ level: 'silent' }), (error) => assert.fail(error), {
        domainControl: {
          maxConcurrent: 1,
          check: () => Promise.resolve({ proven: true, message: 'Proven.', evidence: { method: 'DNS', queries: [] } }),
        },
      })
      let closing: Promise<void> | undefined
      const close = () => (closing ??= opened.close())
      closes.push(close)
      return { ...opened, close }
    },
  }
}

function settingsOf(folder: string, env: Readonly<Record<string, string>> = {}): Settings {
  return loadSettings({
    CHANCERY_DATA: folder,
    CHANCERY_RSA_POOL: '0',
    CHANCERY_ROOT_ACCESS_KEY_ID: accessKeyId,
    CHANCERY_ROOT_ACCESS_KEY_SECRET: 'a-secret-of-these-tests',
    ...env,
  })
}

async function issue({ services, installation }: OpenedServices, domain: string): Promise<number> {
  const accountId = installation.rootAccountId
  const { orderId } = await placeOrder(services, {
    context: contextOf(accountCaller(accountId, accessKeyId)),
    productCode: 'digicert-free-1-free',
    levels: 'DV',
    names: 'one',
    domain,
    csr: undefined,
    method: 'DNS',
    applicant: { username: 'An Applicant', phone: '13800000000', email: 'applicant@example.com' },
    tags: [],
    keyAlgorithm: 'ECC_256',
    clientToken: undefined,
  })
  await services.advancer.advance(orderId, AbortSignal.timeout(10_000))
  return orderId
}

async function signCrls({ services }: OpenedServices): Promise<void> {
  const { db, authority } = services
  const crl = (await findCrl(db.read, authority.issuerId, 0)) ?? assert.fail('there is a CRL')
  assert.ok(await renewCrl(services, { issuerId: authority.issuerId, shard: 0, number: crl.number, dueAt: crl.run_at }))
}

/** What counts upwards: for each sequence the highest id that was given out or could be, and the CRL numbers. */
interface Numbers {
  readonly counters: ReadonlyMap<string, number>
  readonly crls: ReadonlyMap<string, number>
}

async function readNumbers({ services: { db } }: OpenedServices): Promise<Numbers> {
  const counters = await db.read.selectFrom('counters').selectAll().execute()
  const crls = await db.read.selectFrom('crls').select(['issuer_id', 'shard', 'number']).execute()
  return {
    counters: new Map(counters.map(({ name, next }) => [name, next])),
    crls: new Map(crls.map(({ issuer_id, shard, number }) => [`${issuer_id}-${shard}`, number])),
  }
}

/** Every id and number that the restored installation gives from now on lies above all that the lost one can have given. */
async function assertAbove(restored: OpenedServices, lost: Numbers): Promise<void> {
  for (const [name, next] of lost.counters) {
    // Each name in the table is one of a sequence.
    const id = await restored.services.db.nextId(name as Sequence)
    assert.ok(id >= next, `${name}: ${id} was or could have been given out before ${next}`)
  }
  const { crls } = await readNumbers(restored)
  for (const [crl, number] of lost.crls) assert.ok((crls.get(crl) ?? 0) > number, `CRL ${crl}: ${crls.get(crl)} after ${number}`)
}

async function assertSound({ services: { db } }: OpenedServices): Promise<void> {
  const { differences, orders } = await auditPlans(db.read)
  assert.deepEqual([differences, orders], [[], []])
}

const messageIs = (pattern: RegExp) => (error: unknown) => error instanceof DatabaseUnusableError && pattern.test(error.message)

describe('a backup', () => {
  it('is one sound state while writes are running, and what was given out after it is not given out again', async (t) => {
    const home = newHome(t)
    const lost = await home.open('data')
    const { settings } = lost.services
    const backup = join(home.path, 'backup')
    await issue(lost, 'before.example.com')
    const load = { on: true }
    const writer = (async () => {
      let count = 0
      for (; load.on && count < 12; count += 1) await issue(lost, `while${count}.example.com`)
      return count
    })()
    const manifest = await takeBackup(settings, backup, { withKeys: true, now: 1_800_000_000_000 })
    load.on = false
    assert.ok((await writer) >= 1)
    assert.deepEqual(manifest, { takenAt: 1_800_000_000_000, withKeys: true })
    const copy = new DatabaseSync(join(backup, 'chancery.db'), { readOnly: true })
    assert.deepEqual({ ...copy.prepare('pragma integrity_check').get() }, { integrity_check: 'ok' })
    assert.deepEqual(copy.prepare('pragma foreign_key_check').all(), [])
    copy.close()

    // After the backup: orders, certificates, events, and CRLs of both CAs.
    await issue(lost, 'after.example.com')
    for (let count = 0; count < 3; count += 1) await signCrls(lost)
    await signNextRootCrl({ ...lost.services, settings })
    const numbers = await readNumbers(lost)
    const events = await lost.services.db.read.selectFrom('events').select('id').execute()
    await lost.close()

    unpackBackup(settingsOf(join(home.path, 'new')), backup)
    const restored = await home.open('new')
    await assertSound(restored)
    // First of all the ids of this very process: it must not go on with a block from before.
    const order = await issue(restored, 'restored.example.com')
    assert.ok(order >= (numbers.counters.get('orders') ?? Infinity))
    const given = new Set(events.map(({ id }) => id))
    const kept = new DatabaseSync(join(backup, 'chancery.db'), { readOnly: true })
    const before = new Set(
      kept
        .prepare('select id from events')
        .all()
        .map(({ id }) => Number(id)),
    )
    kept.close()
    const now = await restored.services.db.read.selectFrom('events').select(['id', 'kind', 'detail']).execute()
    const twice = now.filter(({ id }) => given.has(id) && !before.has(id))
    assert.deepEqual(twice, [])
    assert.deepEqual(JSON.parse(now.find(({ kind }) => kind === 'installation.restored')?.detail ?? '{}'), { backupAt: 1_800_000_000_000 })
    await assertAbove(restored, numbers)
    await signCrls(restored)
    await signNextRootCrl({ ...restored.services, settings: settingsOf(join(home.path, 'new')) })
    await assertSound(restored)
    await restored.close()
  })

  it('raises numbers once, not at each start', async (t) => {
    const home = newHome(t)
    const lost = await home.open('data')
    await takeBackup(lost.services.settings, join(home.path, 'backup'), { withKeys: true, now: 1 })
    await lost.close()
    unpackBackup(settingsOf(join(home.path, 'new')), join(home.path, 'backup'))
    const first = await home.open('new')
    const numbers = await readNumbers(first)
    await first.close()
    const second = await home.open('new')
    assert.deepEqual(await readNumbers(second), numbers)
    const restorations = (await second.services.db.read.selectFrom('events').select('kind').execute()).filter(
      ({ kind }) => kind === 'installation.restored',
    )
    assert.equal(restorations.length, 1)
  })

  it('without keys holds none, is refused with a word on what is missing, and is finished once the key is there', async (t) => {
    const home = newHome(t)
    const lost = await home.open('data')
    const backup = join(home.path, 'backup')
    await takeBackup(lost.services.settings, backup, { withKeys: false, now: 1 })
    assert.deepEqual(readdirSync(backup).toSorted(), ['backup.json', 'chancery.db'])
    await issue(lost, 'after.example.com')
    const numbers = await readNumbers(lost)
    await lost.close()
    assert.equal(unpackBackup(settingsOf(join(home.path, 'new')), backup).withKeys, false)
    await assert.rejects(home.open('new'), messageIs(/master key \(id [0-9a-f]+\) is not in .*new\/master\.key.*CHANCERY_MASTER_KEY_FILE/))
    // Another key than that of the installation does not finish it either.
    writeFileSync(join(home.path, 'new', 'master.key'), `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 })
    await assert.rejects(home.open('new'), messageIs(/does not fit the database/))
    copyFileSync(join(home.path, 'data', 'master.key'), join(home.path, 'new', 'master.key'))
    const restored = await home.open('new')
    await assertAbove(restored, numbers)
    await assertSound(restored)
  })

  it('holds both master keys while one is replaced, and is opened and finished by them', async (t) => {
    const home = newHome(t)
    const lost = await home.open('data')
    const { services } = lost
    const { settings, db, randomBytes } = services
    await issue(lost, 'before.example.com')
    const next = createSealer(createMasterKeyFile(nextMasterKeyFile(settings), randomBytes), randomBytes)
    await db.write.announceMasterKey({ id: next.masterKeyId, keyCheck: next.keyCheck() })
    await db.write.switchMasterKey({ id: next.masterKeyId })
    await followMasterKeys(services)
    await issue(lost, 'between.example.com')
    const backup = join(home.path, 'backup')
    await takeBackup(settings, backup, { withKeys: true, now: 1 })
    assert.deepEqual(
      readdirSync(backup).filter((file) => file.startsWith('master')),
      ['master.key', 'master.key.next'],
    )
    await rotateMasterKey(services)
    await lost.close()
    unpackBackup(settingsOf(join(home.path, 'new')), backup)
    const restored = await home.open('new')
    await issue(restored, 'after.example.com')
    const { to } = await rotateMasterKey(restored.services)
    assert.equal(to, next.masterKeyId)
    assert.deepEqual(Object.keys((await showMasterKeys(restored.services)).sealed), [to])
    await signNextRootCrl(restored.services)
  })

  it('holds the keys of the copy, even if the master key is replaced while it is taken', async (t) => {
    const home = newHome(t)
    const lost = await home.open('data')
    const { settings } = lost.services
    const backup = join(home.path, 'backup')
    await takeBackup(settings, backup, { withKeys: false, now: 1 })
    const { from, to } = await rotateMasterKey(lost.services)
    backupKeys(settings, backup, join(backup, 'chancery.db'))
    writeFileSync(join(backup, 'backup.json'), JSON.stringify({ takenAt: 1, withKeys: true }))
    // The root's file was sealed anew before it was copied.
    assert.deepEqual(
      readdirSync(backup).filter((file) => file.startsWith('master')),
      ['master.key', `master.key.old-${to}`],
    )
    await lost.close()
    unpackBackup(settingsOf(join(home.path, 'new')), backup)
    const restored = await home.open('new')
    assert.equal((await showMasterKeys(restored.services)).current, from)
    await issue(restored, 'after.example.com')
    assert.equal((await signNextRootCrl(restored.services)).number > 1, true)
    await restored.close()

    // An old copy on the machine of the rotation: the message names the file that is needed.
    const old = join(home.path, 'data', `master.key.old-${from}`)
    for (const file of readdirSync(join(home.path, 'data')).filter((one) => one.startsWith('chancery.db')))
      rmSync(join(home.path, 'data', file))
    copyFileSync(join(backup, 'chancery.db'), join(home.path, 'data', 'chancery.db'))
    await assert.rejects(
      home.open('data'),
      messageIs(new RegExp(`does not fit the database.*${old}, which was replaced since, is that key`)),
    )
    copyFileSync(old, join(home.path, 'data', 'master.key'))
    await issue(await home.open('data'), 'again.example.com')
  })

  it('is for its owner alone, with and without keys', async (t) => {
    const home = newHome(t)
    const lost = await home.open('data')
    const backup = join(home.path, 'backup')
    await takeBackup(lost.services.settings, backup, { withKeys: true, now: 1 })
    assert.equal(statSync(backup).mode & 0o777, 0o700)
    for (const file of readdirSync(backup)) assert.equal(statSync(join(backup, file)).mode & 0o077, 0, file)
    assert.ok(readdirSync(backup).some((file) => /^root-[0-9a-f]{8}\.key$/.test(file)))
    await lost.close()
    unpackBackup(settingsOf(join(home.path, 'new')), backup)
    for (const file of readdirSync(join(home.path, 'new'))) {
      assert.equal(statSync(join(home.path, 'new', file)).mode & 0o077, 0, file)
    }
  })

  it('is not put over anything, and not taken over anything', async (t) => {
    const home = newHome(t)
    const lost = await home.open('data')
    const { settings } = lost.services
    const backup = join(home.path, 'backup')
    await takeBackup(settings, backup, { withKeys: true, now: 1 })
    await assert.rejects(takeBackup(settings, backup, { withKeys: true, now: 1 }), messageIs(/is not empty/))
    assert.throws(() => unpackBackup(settings, backup), messageIs(/holds a database already/))
    await lost.close()
    // A write-ahead log that was left behind belongs to another database: SQLite would play it into the restored one.
    const half = join(home.path, 'half')
    mkdirSync(half)
    writeFileSync(join(half, 'chancery.db-wal'), 'the log of another database')
    assert.throws(() => unpackBackup(settingsOf(half), backup), messageIs(/chancery\.db-wal/))
    assert.deepEqual(readdirSync(half), ['chancery.db-wal'])
    // A master key that is there stays.
    const keyed = join(home.path, 'keyed')
    mkdirSync(keyed, { mode: 0o700 })
    writeFileSync(join(keyed, 'master.key'), 'mine', { mode: 0o600 })
    unpackBackup(settingsOf(keyed), backup)
    assert.equal(readFileSync(join(keyed, 'master.key'), 'utf8'), 'mine')
  })

  it('that is unfinished or damaged is refused before anything is written', async (t) => {
    const home = newHome(t)
    const lost = await home.open('data')
    const backup = join(home.path, 'backup')
    await takeBackup(lost.services.settings, backup, { withKeys: true, now: 1 })
    const target = settingsOf(join(home.path, 'new'))
    assert.throws(() => unpackBackup(target, join(home.path, 'nowhere')), messageIs(/holds no finished backup/))
    const database = readFileSync(join(backup, 'chancery.db'))
    writeFileSync(join(backup, 'chancery.db'), Buffer.concat([database.subarray(0, 8_192), Buffer.alloc(database.length - 8_192, 0xff)]))
    assert.throws(() => unpackBackup(target, backup))
    rmSync(join(backup, 'backup.json'))
    assert.throws(() => unpackBackup(target, backup), messageIs(/holds no finished backup/))
    assert.ok(!existsSync(target.data))
  })

  it('that was put back half can be put back again, and no process makes a new installation meanwhile', async (t) => {
    const home = newHome(t)
    const lost = await home.open('data')
    const backup = join(home.path, 'backup')
    await takeBackup(lost.services.settings, backup, { withKeys: true, now: 1 })
    const { issuerId } = lost.services.authority
    await issue(lost, 'after.example.com')
    const numbers = await readNumbers(lost)
    await lost.close()
    // What an interruption leaves: the mark, and pieces of the copies.
    const data = join(home.path, 'new')
    mkdirSync(data, { mode: 0o700 })
    writeFileSync(join(data, 'restored-backup.json'), readFileSync(join(backup, 'backup.json')))
    writeFileSync(join(data, 'chancery.db.restoring'), readFileSync(join(backup, 'chancery.db')).subarray(0, 5_000))
    writeFileSync(join(data, 'master.key.restoring'), 'abc')
    await assert.rejects(home.open('new'), messageIs(/was interrupted: repeat it with chancery restore/))
    unpackBackup(settingsOf(data), backup)
    const restored = await home.open('new')
    assert.equal(restored.services.authority.issuerId, issuerId)
    await assertAbove(restored, numbers)
    assert.deepEqual(
      readdirSync(data).filter((file) => /restor/.test(file)),
      [],
    )
  })

  it('is refused where there is nothing to back up', async (t) => {
    const home = newHome(t)
    const settings = settingsOf(join(home.path, 'nothing'))
    await assert.rejects(
      takeBackup(settings, join(home.path, 'backup'), { withKeys: false, now: 1 }),
      messageIs(/no database in .*CHANCERY_DATA/),
    )
  })
})

describe('a backup of PostgreSQL', () => {
  it('is left to pg_dump, and so is putting it back', async (t) => {
    const home = newHome(t)
    const settings = settingsOf(join(home.path, 'data'), { DATABASE_URL: 'postgres://127.0.0.1:1/none' })
    await assert.rejects(takeBackup(settings, join(home.path, 'backup'), { withKeys: false, now: 1 }), messageIs(/pg_dump/))
    assert.throws(() => unpackBackup(settings, join(home.path, 'backup')), messageIs(/pg_restore/))
    assert.ok(!existsSync(join(home.path, 'backup')))
  })

  it('has its numbers raised on command', async (t) => {
    const url = await createTestDatabase()
    if (url === undefined) {
      reportNotRun('a restoration on PostgreSQL', 'PostgreSQL cannot run here')
      return t.skip()
    }
    const home = newHome(t)
    const first = await home.open('data', { DATABASE_URL: url })
    await issue(first, 'before.example.com')
    await first.close()
    const copyUrl = await copyDatabase(url)
    const lost = await home.open('data', { DATABASE_URL: url })
    await issue(lost, 'after.example.com')
    await signCrls(lost)
    const numbers = await readNumbers(lost)
    await lost.close()
    const restored = await home.open('data', { DATABASE_URL: copyUrl })
    await raiseNumbers(restored.services, null)
    await assertAbove(restored, numbers)
    await issue(restored, 'restored.example.com')
    await signCrls(restored)
    await assertSound(restored)
  })
})

/** A copy of a database that nobody is connected to, as pg_dump and pg_restore make it. */
async function copyDatabase(url: string): Promise<string> {
  const target = new URL(url)
  const name = target.pathname.slice(1)
  target.pathname = `/${name}_copy`
  const admin = new URL(url)
  admin.pathname = '/postgres'
  const client = new pg.Client({ connectionString: admin.href })
  await client.connect()
  try {
    await client.query(`create database ${client.escapeIdentifier(`${name}_copy`)} template ${client.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
  return target.href
}
