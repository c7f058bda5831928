import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { application, itOnBothEngines, itOnEngine, type TestData, withService } from '../support/service.ts'
import { NotStarted, type ProcessEnd, spawnService, withServiceProcess } from '../support/service-process.ts'
import { callSigned, rootKey, sendSigned, signCall, type SigningKey } from '../support/signed-call.ts'

const noKey = { CHANCERY_ROOT_ACCESS_KEY_ID: undefined, CHANCERY_ROOT_ACCESS_KEY_SECRET: undefined }

async function place(endpoint: string, key: SigningKey = rootKey): Promise<string> {
  const { status, text, body } = await callSigned(endpoint, 'CreateCertificateRequest', application, { key })
  assert.equal(status, 200, text)
  return String(body['OrderId'])
}

async function assertHasOrder(endpoint: string, OrderId: string, key: SigningKey = rootKey): Promise<void> {
  const { status, text } = await callSigned(endpoint, 'DescribeCertificateState', { OrderId }, { key })
  assert.equal(status, 200, text)
}

function assertEndedCleanly({ code, signal, stderr }: ProcessEnd): void {
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, stderr)
  assert.match(stderr, /"stopped"/)
}

/** The key in the file that a first start without a terminal writes. */
function readKeyFile(data: TestData): SigningKey {
  const text = readFileSync(join(data.folder, 'root-access-key.env'), 'utf8')
  const [, accessKeyId, secret] = /^ALIBABA_CLOUD_ACCESS_KEY_ID=(\S+)\nALIBABA_CLOUD_ACCESS_KEY_SECRET=(\S+)\n$/.exec(text) ?? []
  assert.ok(accessKeyId !== undefined && secret !== undefined, 'the file has two lines for a shell')
  return { accessKeyId, secret }
}

describe('the process', { concurrency: 2 }, () => {
  itOnEngine(
    'sqlite',
    'SIGTERM ends it with status 0, and the second start keeps everything and tells no secret',
    async (data, context) => {
      const first = await spawnService(data)
      assert.match(
        first.stdout(),
        /First start: account \d{16}, plans of 20 digicert-free-1-free and 20 chancery-private-mix, access key testid\./,
      )
      const order = await place(first.endpoint)
      assertEndedCleanly(await first.end('SIGTERM'))

      const second = await spawnService(data)
      // A figure for the reader: how fast a machine is that does other things at the same time is nothing to fail on.
      context.diagnostic(`warm start: ready after ${Math.round(second.readyAfterMs)} ms`)
      await assertHasOrder(second.endpoint, order)
      const end = await second.end('SIGTERM')
      assertEndedCleanly(end)
      assert.doesNotMatch(end.stdout, /First start|secret/i)
      assert.ok(!`${end.stdout}${end.stderr}`.includes(rootKey.secret))
    },
  )

  for (const [how, signal] of [
    ['npm', 'SIGTERM'],
    ['launcher', 'SIGINT'],
  ] as const) {
    itOnEngine(
      'sqlite',
      `started by ${how === 'npm' ? '`npm start`' : '`bin/chancery serve`'}, it ends with status 0 on ${signal}`,
      async (data) => {
        const started = await spawnService(data, {}, how)
        await place(started.endpoint)
        assertEndedCleanly(await started.end(signal))
      },
    )
  }

  itOnEngine(
    'sqlite',
    'without a terminal the secret of the first key is in one file of mode 0600, and nowhere else in the clear',
    async (data) => {
      const first = await spawnService(data, noKey)
      const key = readKeyFile(data)
      assert.equal(statSync(join(data.folder, 'root-access-key.env')).mode & 0o777, 0o600)
      assert.ok(first.stdout().includes(join(data.folder, 'root-access-key.env')), 'the path is told')
      const order = await place(first.endpoint, key)
      const end = await first.end()
      assertEndedCleanly(end)
      assert.ok(!`${end.stdout}${end.stderr}`.includes(key.secret))
      for (const name of readdirSync(data.folder)) {
        if (name === 'root-access-key.env') continue
        assert.ok(!readFileSync(join(data.folder, name)).includes(key.secret), `${name} holds the secret`)
      }
      assert.equal(statSync(data.folder).mode & 0o077, 0)
      assert.equal(statSync(join(data.folder, 'master.key')).mode & 0o777, 0o600)

      const second = await spawnService(data, noKey)
      await assertHasOrder(second.endpoint, order, key)
      const secondEnd = await second.end()
      assert.doesNotMatch(secondEnd.stdout, /First start|root-access-key|secret/i)
      assert.ok(!`${secondEnd.stdout}${secondEnd.stderr}`.includes(key.secret))
    },
  )

  itOnBothEngines('a key of the environment counts only while there is none yet', async (data) => {
    await withService(data, async (service) => void (await service.succeed('DescribePackageState', {})))
    const later = { accessKeyId: 'another', secret: 'another-secret-of-the-tests' }
    const env = { CHANCERY_ROOT_ACCESS_KEY_ID: later.accessKeyId, CHANCERY_ROOT_ACCESS_KEY_SECRET: later.secret }
    await withService(
      data,
      async (service) => {
        await service.succeed('DescribePackageState', {})
        const refused = await service.call('DescribePackageState', {}, { key: later })
        assert.equal(refused.body['Code'], 'InvalidAccessKeyId.NotFound')
        const withNewSecret = await service.call('DescribePackageState', {}, { key: { ...rootKey, secret: later.secret } })
        assert.equal(withNewSecret.body['Code'], 'SignatureDoesNotMatch')
      },
      env,
    )
  })

  itOnEngine(
    'sqlite',
    'a second service on the same data folder does not start, says why, and leaves the first one alone',
    async (data) => {
      await withService(data, async (first) => {
        await assert.rejects(
          withService(data, () => Promise.resolve()),
          /another process/i,
        )
        await first.succeed('CreateCertificateRequest', application)
      })
    },
  )

  itOnEngine(
    'sqlite',
    'a call that was served before kill -9 is refused afterwards, and so is everything of the time before',
    async (data) => {
      const signed = signCall('CreateCertificateRequest', application)
      const unsent = signCall('DescribePackageState', {})
      const first = await spawnService(data)
      const served = await sendSigned(first.endpoint, signed)
      assert.equal(served.status, 200, served.text)
      assert.equal((await first.end('SIGKILL')).signal, 'SIGKILL')

      await withServiceProcess(data, async ({ endpoint }) => {
        const replayed = await sendSigned(endpoint, signed)
        assert.equal(replayed.status, 400)
        assert.match(String(replayed.body['Code']), /^(SignatureNonceUsed|InvalidTimeStamp\.Expired)$/)
        assert.equal((await sendSigned(endpoint, unsent)).body['Code'], 'InvalidTimeStamp.Expired')
        const { body } = await callSigned(endpoint, 'DescribePackageState', {})
        assert.equal(body['UsedCount'], 1, 'the order is there, once')
      })
    },
  )

  itOnEngine('sqlite', 'a fault of the configuration ends the start with every fault named, and no value', async (data) => {
    const env = { CHANCERY_HTTP_LISTEN: 'my-secret-place', CHANCERY_DNS_RESOLVER: '127.0.0.1', CHANCERY_LOG_LEVEL: 'loud' }
    await assert.rejects(spawnService(data, env), (error: unknown) => {
      assert.ok(error instanceof NotStarted)
      assert.equal(error.end.code, 1)
      const { stderr } = error.end
      assert.match(stderr, /CHANCERY_DNS_RESOLVER is not a setting; the nearest known name is CHANCERY_DNS_RESOLVERS/)
      assert.match(stderr, /CHANCERY_HTTP_LISTEN must be/)
      assert.match(stderr, /CHANCERY_LOG_LEVEL must be/)
      assert.doesNotMatch(stderr, /my-secret-place|loud|\n\s+at /)
      return true
    })
  })
})
