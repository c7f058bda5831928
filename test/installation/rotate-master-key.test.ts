import assert from 'node:assert/strict'
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { rotateMasterKey } from '../../src/installation/rotate-master-key.ts'
import { showMasterKeys } from '../../src/installation/show-master-keys.ts'
import { signNextRootCrl } from '../../src/installation/sign-next-root-crl.ts'
import { createMasterKeyFile, loadMasterKeyFile } from '../../src/keys/master-key.ts'
import { createSealer, sealedBy } from '../../src/keys/sealer.ts'
import { Problem } from '../../src/problem.ts'
import { makeAuthority } from '../certificates/make-certificates.ts'
import {
  application,
  createTestData,
  itOnBothEngines,
  itOnEngine,
  startTestService,
  type TestService,
  until,
  withService,
} from '../support/service.ts'
import { assumeRole, callAs, createTrustingRole } from '../support/sessions.ts'
import { createUserWithKey, grant, outcomeOf, sts } from '../support/tenants.ts'
import { openAll, readAll } from './sealed-values.ts'

const emulated = { CHANCERY_EMULATOR: '1', CHANCERY_EMULATOR_PROOFS: '0' }

/** Applies, waits for the certificate, and gives the order's id. */
async function issue(service: TestService): Promise<string> {
  const { OrderId } = await service.succeed('CreateCertificateRequest', { ...application, KeyAlgorithm: 'ECC_256' })
  const orderId = String(OrderId)
  await until('the certificate', async () => ((await show(service, orderId))['Type'] === 'certificate' ? true : undefined))
  return orderId
}

function show(service: TestService, OrderId: string) {
  return service.succeed('DescribeCertificateState', { OrderId })
}

async function upload(service: TestService): Promise<void> {
  const { cert, key } = await makeAuthority('uploaded.example.com')
  await service.succeed('UploadUserCertificate', { Name: 'uploaded', Cert: cert, Key: key })
}

/** Each order's key is served and is that of its certificate; the CA issues. */
async function assertWorks(service: TestService, orders: readonly string[]): Promise<void> {
  for (const orderId of [...orders, await issue(service)]) {
    const { Certificate, PrivateKey } = await show(service, orderId)
    assert.ok(new X509Certificate(String(Certificate)).checkPrivateKey(createPrivateKey(String(PrivateKey))), `the key of ${orderId}`)
  }
}

/** Does what the first step of a rotation does, and for `seals` the one after it. */
async function announce({ services, data }: TestService, { seals }: { seals: boolean }): Promise<{ next: string; id: string }> {
  const { db, randomBytes: random } = services
  const next = join(data.folder, 'master.key.next')
  const made = createSealer(createMasterKeyFile(next, random), random)
  await db.write.announceMasterKey({ id: made.masterKeyId, keyCheck: made.keyCheck() })
  if (seals) await db.write.switchMasterKey({ id: made.masterKeyId })
  return { next, id: made.masterKeyId }
}

describe('a new master key', () => {
  itOnBothEngines('takes everything over while calls go on, and the old one opens nothing any more', async (data) => {
    const service = await startTestService(data, emulated)
    const file = (name: string): string => join(data.folder, name)
    let orders: string[] = []
    try {
      await createUserWithKey(service, 'alice')
      const first = await issue(service)
      await upload(service)
      const over = new AbortController()
      const traffic = (async () => {
        const issued: string[] = []
        while (!over.signal.aborted && issued.length < 12) issued.push(await issue(service))
        return issued
      })()
      const { from, to, resealed, oldKeyFile, toMove, rootsElsewhere } = await rotateMasterKey(service.services)
      over.abort()
      orders = [first, ...(await traffic)]
      assert.ok(orders.length >= 3, `${orders.length} orders were issued meanwhile`)
      assert.notEqual(from, to)
      assert.ok(resealed >= 8, String(resealed))
      assert.equal(service.services.sealer.masterKeyId, to)
      assert.deepEqual([oldKeyFile, toMove, rootsElsewhere], [file(`master.key.old-${from}`), undefined, []])
      assert.ok(!existsSync(file('master.key.next')))
      const { sealed, ...rest } = await showMasterKeys(service.services)
      assert.deepEqual([rest, Object.keys(sealed)], [{ current: to, next: undefined }, [to]])

      const under = async (name: string) => await openAll(service, file(name))
      const [old, now] = [await under(`master.key.old-${from}`), await under('master.key')]
      assert.equal(old.opened, 0)
      assert.equal(now.opened, now.all)
      for (const one of ['access_keys.secret_sealed', 'keys.sealed', 'issuers.key_sealed', 'shared_secrets.sealed'])
        assert.ok(now.columns.has(one), one)
      assert.ok(now.columns.has('uploaded_certificates.key_sealed'))
      const events = service.services.db.read.selectFrom('events').select('detail').where('kind', '=', 'masterKey.rotated')
      assert.deepEqual(
        (await events.execute()).map(({ detail }) => JSON.parse(detail)),
        [{ from, to }],
      )
      await assertWorks(service, orders)
    } finally {
      await service.stop()
    }
    await withService(data, (again) => assertWorks(again, orders), emulated)
  })

  itOnBothEngines('once the old one is closed, nothing is stored that it sealed, whoever comes late', async (data) => {
    await withService(
      data,
      async (service) => {
        const { db, randomBytes } = service.services
        await issue(service)
        await upload(service)
        const asleep = createSealer(loadMasterKeyFile(join(data.folder, 'master.key')) ?? assert.fail(), randomBytes)
        await rotateMasterKey(service.services)
        const isRefused = (error: unknown): boolean => error instanceof Problem && error.problem === 'serviceUnavailable'
        const late = asleep.seal(randomBytes(32), { purpose: 'secret', accountId: 0, id: 'sessionToken/99' })
        await assert.rejects(db.write.storeSharedSecret({ purpose: 'sessionToken', version: 99, sealed: late, now: 0 }), isRefused)
        for (const { table, column, key, rows } of await readAll(service)) {
          const changes = rows.map((row) => ({ ...row, after: asleep.seal(row.plain, row.binding) }))
          if (rows.length > 0) await assert.rejects(db.write.reseal({ table, column, key, rows: changes }), isRefused, `${table}.${column}`)
        }
        const { current, sealed } = await showMasterKeys(service.services)
        assert.deepEqual(Object.keys(sealed), [current])
      },
      emulated,
    )
  })

  itOnEngine('postgres', 'waits for every process, names the one that lacks it, and goes on where it was', async (data) => {
    const env = { ...emulated, CHANCERY_ROLES: 'api,worker' }
    const one = await startTestService(data, env)
    const folder = await createTestData('sqlite')
    copyFileSync(join(data.folder, 'master.key'), join(folder.folder, 'master.key'))
    const two = await startTestService({ ...folder, databaseUrl: data.databaseUrl }, env)
    try {
      await assert.rejects(rotateMasterKey(one.services, { patienceMs: 1_500 }), (error) => {
        assert.match(String(error), /not in .*master\.key\.next\. 1 of 2 processes do not hold the key [0-9a-f]{16} yet \(.+:\d+:.+\)/)
        return true
      })
      const before = await issue(two)
      copyFileSync(join(data.folder, 'master.key.next'), join(folder.folder, 'master.key.next'))
      const user = await createUserWithKey(one, 'deployer')
      await grant(one, 'deployer', [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }])
      const role = await createTrustingRole(one, 'Deployer', { Principal: { RAM: [`acs:ram::${one.accountId}:root`] } })
      const session = await assumeRole(two, user, role)
      const { to, from } = await rotateMasterKey(one.services)
      await assertWorks(two, [before])
      await until('the other process moves its file', async () => (existsSync(join(folder.folder, 'master.key.next')) ? undefined : true))
      assert.equal(two.services.sealer.masterKeyId, to)
      assert.deepEqual(
        readdirSync(folder.folder).filter((name) => name.startsWith('master.key')),
        ['master.key', `master.key.old-${from}`],
      )
      assert.deepEqual(Object.keys((await showMasterKeys(two.services)).sealed), [to])
      // What the shared secrets sealed before goes on, and what one process seals now the other opens.
      const fresh = await assumeRole(one, user, role)
      for (const key of [session, fresh]) {
        for (const service of [one, two]) assert.equal(outcomeOf(await callAs(service, key, 'GetCallerIdentity', {}, sts)), 'OK')
      }
    } finally {
      await Promise.all([one.stop(), two.stop()])
      folder.remove()
    }
  })

  itOnEngine('sqlite', 'that seals already and is missing keeps the service from starting, in so many words', async (data) => {
    const { next } = await withService(data, (service) => announce(service, { seals: true }), emulated)
    const content = readFileSync(next)
    rmSync(next)
    await assert.rejects(
      startTestService(data, emulated),
      /the next one \(id [0-9a-f]{16}\) seals already: put it into .*master\.key\.next/,
    )
    // The next one alone is not enough either.
    writeFileSync(next, content, { mode: 0o600 })
    renameSync(join(data.folder, 'master.key'), join(data.folder, 'elsewhere'))
    await assert.rejects(startTestService(data, emulated), /is being replaced and still needed, and only the next one is at hand/)
    renameSync(join(data.folder, 'elsewhere'), join(data.folder, 'master.key'))
    await withService(
      data,
      async (service) => {
        await assert.rejects(service.services.db.write.withdrawMasterKey({}), { problem: 'masterKeyBusy' })
        await rotateMasterKey(service.services)
        await issue(service)
      },
      emulated,
    )
  })

  itOnEngine('sqlite', 'that is only announced and was lost can be withdrawn; one that was in use before is refused', async (data) => {
    await withService(
      data,
      async (service) => {
        const { db } = service.services
        const { next, id } = await announce(service, { seals: false })
        rmSync(next)
        await assert.rejects(rotateMasterKey(service.services), new RegExp(`The key ${id} is announced: put it there`))
        await assert.rejects(announce(service, { seals: false }), { problem: 'masterKeyBusy' })
        rmSync(next)
        await db.write.withdrawMasterKey({})
        const { oldKeyFile } = await rotateMasterKey(service.services)
        copyFileSync(oldKeyFile ?? assert.fail(), next)
        await assert.rejects(rotateMasterKey(service.services), { problem: 'masterKeyUsed' })
      },
      emulated,
    )
  })

  itOnEngine('sqlite', 'comes from the environment where the old one does, and may stay there', async (data) => {
    const [one, two] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')]
    const env = { ...emulated, CHANCERY_MASTER_KEY: one }
    await withService(
      data,
      async (service) => {
        await assert.rejects(rotateMasterKey(service.services), /not in CHANCERY_MASTER_KEY_NEXT\. Put a new key there/)
        await issue(service)
      },
      env,
    )
    await withService(
      data,
      async (service) => {
        const { toMove, oldKeyFile } = await rotateMasterKey(service.services)
        assert.deepEqual([toMove, oldKeyFile], [{ from: 'CHANCERY_MASTER_KEY_NEXT', to: 'CHANCERY_MASTER_KEY' }, undefined])
        await assert.rejects(rotateMasterKey(service.services), { problem: 'masterKeyUsed' })
      },
      { ...env, CHANCERY_MASTER_KEY_NEXT: two },
    )
    for (const settings of [{ CHANCERY_MASTER_KEY_NEXT: two }, { CHANCERY_MASTER_KEY: two }]) {
      await withService(data, (service) => issue(service), { ...env, ...settings })
    }
    await assert.rejects(startTestService(data, env), /CHANCERY_MASTER_KEY \(id [0-9a-f]+\) does not fit the database/)
  })

  itOnEngine('sqlite', 'opens a root key that was elsewhere meanwhile, with the help of the old key, and seals it anew', async (data) => {
    const away = join(data.folder, 'away')
    const { from, to, here } = await withService(
      data,
      async ({ services }) => {
        const file = readdirSync(data.folder).find((name) => /^root-.*\.key$/.test(name)) ?? assert.fail()
        renameSync(join(data.folder, file), away)
        const done = await rotateMasterKey(services)
        assert.deepEqual(done.rootsElsewhere, [file.slice('root-'.length, -'.key'.length)])
        return { ...done, here: join(data.folder, file) }
      },
      emulated,
    )
    renameSync(away, here)
    const old = join(data.folder, `master.key.old-${from}`)
    renameSync(old, away)
    // A new process: the one that rotated holds the old key until it ends.
    await withService(
      data,
      async ({ services }) => {
        const message = new RegExp(`sealed by the master key ${from}, which was replaced: put that key's file there as .*old-${from}`)
        await assert.rejects(signNextRootCrl(services), message)
        renameSync(away, old)
        assert.equal((await signNextRootCrl(services)).number, 2)
        assert.equal(sealedBy(readFileSync(here)), to)
        rmSync(old)
        assert.equal((await signNextRootCrl(services)).number, 3)
      },
      emulated,
    )
  })

  itOnEngine('sqlite', 'waits for a value that nobody can open, which it names and leaves as it is', async (data) => {
    await withService(
      data,
      async (service) => {
        const { db } = service.services
        await issue(service)
        const [found] = (await readAll(service)).filter(({ table }) => table === 'keys')
        const row = found?.rows[0] ?? assert.fail()
        const strange = createSealer(randomBytes(32), randomBytes).seal(row.plain, row.binding)
        const change = (before: Uint8Array, after: Uint8Array) =>
          db.write.reseal({ table: 'keys', column: 'sealed', key: ['id'], rows: [{ key: row.key, before, after }] })
        await change(row.before, strange)
        await assert.rejects(
          rotateMasterKey(service.services),
          new RegExp(`keys\\.sealed of ${row.key[0]} \\(key ${sealedBy(strange)}\\) does not open`),
        )
        await change(strange, row.before)
        await rotateMasterKey(service.services)
      },
      emulated,
    )
  })
})
