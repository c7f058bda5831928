import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { sql } from 'kysely'
import { createMasterKeyFile } from '../../src/keys/master-key.ts'
import { randomBytes } from 'node:crypto'
import { application, createTestData, itOnBothEngines, itOnEngine, type TestData, withService } from '../support/service.ts'
import { NotStarted, spawnService } from '../support/service-process.ts'
import { callSigned, rootKey, sendSigned, signCall } from '../support/signed-call.ts'

const noKey = { CHANCERY_ROOT_ACCESS_KEY_ID: undefined, CHANCERY_ROOT_ACCESS_KEY_SECRET: undefined }

/** A data folder of another machine on the same database. */
async function otherFolder(data: TestData): Promise<TestData> {
  return { ...(await createTestData('sqlite')), databaseUrl: data.databaseUrl }
}

async function assertRefusesToStart(data: TestData, says: RegExp): Promise<void> {
  await assert.rejects(
    withService(data, () => Promise.resolve()),
    { name: 'DatabaseUnusableError', message: says },
  )
}

describe('processes that share a database', { concurrency: 3 }, () => {
  for (const [title, env, key] of [
    ['with a key of the environment', {}, () => rootKey],
    [
      'with a random key',
      noKey,
      (data: TestData) => {
        const text = readFileSync(join(data.folder, 'root-access-key.env'), 'utf8')
        const [, accessKeyId = '', secret = ''] = /ID=(\S+)\n.*SECRET=(\S+)\n/.exec(text) ?? []
        return { accessKeyId, secret }
      },
    ],
  ] as const) {
    itOnEngine('postgres', `two first starts at once give one installation, ${title}`, async (data) => {
      const processes = await Promise.all([spawnService(data, env), spawnService(data, env)])
      try {
        const told = processes.filter(({ stdout }) => stdout().includes('First start'))
        assert.equal(told.length, 1, 'one of them made it, and told')
        for (const { endpoint } of processes) {
          const { status, text, body } = await callSigned(endpoint, 'DescribePackageState', {}, { key: key(data) })
          assert.equal(status, 200, text)
          assert.equal(body['TotalCount'], 20)
        }
        await withService(
          data,
          async ({ services: { db } }) => {
            const { rows } = await sql<Record<string, unknown>>`
              select (select count(*) from installation) as installations, (select count(*) from accounts) as accounts,
                (select count(*) from access_keys) as keys, (select count(*) from plans) as plans,
                (select count(*) from issuers) as issuers`.execute(db.read)
            const counts = Object.entries(rows[0] ?? {}).map(([name, count]) => [name, Number(count)])
            assert.deepEqual(Object.fromEntries(counts), { installations: 1, accounts: 1, keys: 1, plans: 2, issuers: 2 })
          },
          { CHANCERY_ROLES: 'api' },
        )
      } finally {
        await Promise.all(processes.map((process) => process.end()))
      }
    })
  }

  itOnEngine('sqlite', 'the operator reads one line, without a stack, when the start is refused', async (data) => {
    await withService(data, () => Promise.resolve())
    rmSync(join(data.folder, 'master.key'))
    await assert.rejects(spawnService(data), (error: unknown) => {
      assert.ok(error instanceof NotStarted)
      assert.equal(error.end.code, 1, error.end.stderr)
      assert.match(error.end.stderr, /^[^\n]*whose master key \(id [0-9a-f]+\) is not in [^\n]*master\.key[^\n]*\n$/)
      return true
    })
  })

  itOnBothEngines('a process whose master key is another one refuses to start, and the right one starts again', async (data) => {
    await withService(data, async (service) => void (await service.succeed('CreateCertificateRequest', application)))
    const file = join(data.folder, 'master.key')
    copyFileSync(file, `${file}.right`)
    rmSync(file)
    createMasterKeyFile(file, randomBytes)
    await assertRefusesToStart(data, /master key in .*master\.key \(id [0-9a-f]+\) does not fit the database/)
    writeFileSync(file, readFileSync(`${file}.right`), { mode: 0o600 })
    await withService(data, async (service) => {
      assert.equal((await service.succeed('DescribePackageState', {}))['UsedCount'], 1)
    })
  })

  itOnEngine('postgres', 'a process without the master key makes none for a database that has one', async (data) => {
    await withService(data, () => Promise.resolve())
    const stranger = await otherFolder(data)
    try {
      await assertRefusesToStart(stranger, /whose master key \(id [0-9a-f]+\) is not in .*master\.key/)
      assert.throws(() => readFileSync(join(stranger.folder, 'master.key')), /ENOENT/)
    } finally {
      stranger.remove()
    }
  })

  itOnEngine('postgres', 'a nonce used at one process is refused at the other', async (data) => {
    const second = await otherFolder(data)
    try {
      await withService(data, async (one) => {
        copyFileSync(join(data.folder, 'master.key'), join(second.folder, 'master.key'))
        await withService(second, async (two) => {
          const signed = signCall('CreateCertificateRequest', application)
          assert.equal((await sendSigned(one.addresses.http ?? '', signed)).status, 200)
          const replayed = await sendSigned(two.addresses.http ?? '', signed)
          assert.deepEqual({ status: replayed.status, code: replayed.body['Code'] }, { status: 400, code: 'SignatureNonceUsed' })
          // Sent to both at once, it is served by one of them.
          const raced = signCall('CreateCertificateRequest', application)
          const answers = await Promise.all([one, two].map(({ addresses }) => sendSigned(addresses.http ?? '', raced)))
          assert.deepEqual(
            answers.map(({ status }) => status).toSorted((a, b) => a - b),
            [200, 400],
          )
          assert.equal((await two.succeed('DescribePackageState', {}))['UsedCount'], 2)
        })
      })
    } finally {
      second.remove()
    }
  })

  itOnEngine('postgres', 'an order placed at one process is seen and answered by the other at once', async (data) => {
    const second = await otherFolder(data)
    try {
      await withService(data, async (one) => {
        copyFileSync(join(data.folder, 'master.key'), join(second.folder, 'master.key'))
        await withService(second, async (two) => {
          const given = { ...application, ClientToken: 'of-two-processes' }
          const answers = await Promise.all([one, two, one, two].map((service) => service.succeed('CreateCertificateRequest', given)))
          assert.equal(new Set(answers.map(({ OrderId }) => OrderId)).size, 1)
          const OrderId = String(answers[0]?.['OrderId'])
          for (const service of [one, two]) {
            assert.equal((await service.succeed('DescribeCertificateState', { OrderId }))['Type'], 'domain_verify')
          }
        })
      })
    } finally {
      second.remove()
    }
  })
})
