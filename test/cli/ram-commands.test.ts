import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { accessKey } from '../emulator/call-service.ts'
import { type ServiceProcess, startServiceProcess } from '../emulator/service-process.ts'
import { type Ended, runCommand } from './run-command.ts'

/** A running emulator and the environment of a user on its machine. */
let service: ServiceProcess
let work: string
let user: Record<string, string>

before(async () => {
  service = await startServiceProcess({ CHANCERY_EMULATOR: '1', CHANCERY_EMULATOR_PROOFS: '0' })
  work = mkdtempSync(join(tmpdir(), 'chancery-test-'))
  user = {
    PATH: process.env['PATH'] ?? '',
    HOME: work,
    TMPDIR: work,
    CHANCERY_DATA: service.folder,
    CHANCERY_ENDPOINT: service.http,
    CHANCERY_ADMIN_LISTEN: 'off',
    CHANCERY_HTTPS_LISTEN: 'off',
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKey.id,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKey.secret,
  }
})

after(async () => {
  rmSync(work, { recursive: true, force: true })
  await service[Symbol.asyncDispose]()
})

const run = (...args: string[]): Promise<Ended> => runCommand(args, user)

async function runWell(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args)
  assert.deepEqual([code, stderr], [0, ''], args.join(' '))
  return stdout
}

const runJson = async (...args: string[]): Promise<Record<string, unknown>> =>
  JSON.parse(await runWell('--json', ...args)) as Record<string, unknown>

function file(name: string, content: object): string {
  const path = join(work, name)
  writeFileSync(path, JSON.stringify(content))
  return path
}

describe('chancery user, key, policy and role', () => {
  it('make a user with a policy of its own, and say why it may what', async () => {
    assert.match(await runWell('user', 'create', 'alice', '--comments', 'of the web team'), /user alice/)
    const policy = file('policy.json', {
      Version: '1',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'yundun-cert:CreateCertificateRequest',
          Resource: '*',
          Condition: { StringLike: { 'yundun-cert:Domain': '*.team.example.com' } },
        },
      ],
    })
    await runWell('policy', 'create', 'web-orders', policy, '--description', 'orders of the web team')
    await runWell('policy', 'attach', 'web-orders', '--user', 'alice')
    assert.match(await runWell('user', 'show', 'alice'), /policies {2}web-orders/)
    const question = ['policy', 'test', '--principal', 'alice', '--action', 'yundun-cert:CreateCertificateRequest']
    const allowed = await run(...question, '--context', 'yundun-cert:Domain=www.team.example.com')
    assert.equal(allowed.code, 0, allowed.stderr)
    assert.match(
      allowed.stdout,
      /^Allow by web-orders v1 #0, asked for acs:yundun-cert:\*:\d{16}:\*\n {2}\* web-orders v1 #0 Allow: matches/,
    )
    const denied = await run(...question, '--context', 'yundun-cert:Domain=www.example.com')
    assert.equal(denied.code, 1)
    assert.match(denied.stdout, /^ImplicitDeny \(AccountLevelIdentityBasedPolicy\)[\s\S]*StringLike of yundun-cert:Domain is not met/)
    const other = await run('policy', 'test', '--principal', 'alice', '--action', 'yundun-cert:ListOrders', '--resource', 'order/7')
    assert.deepEqual([other.code, /another action/.test(other.stdout)], [1, true])
    await runWell('policy', 'detach', 'web-orders', '--user', 'alice')
    await runWell('policy', 'delete', 'web-orders')
    assert.match(await runWell('policy', 'list'), /AliyunYundunCertReadOnlyAccess/)
    assert.match(await runWell('policy', 'show', 'AdministratorAccess', '--type', 'System'), /"Action": "\*"/)
  })

  it('show a secret to a program that asks, and to nobody who only listens', async () => {
    await runWell('user', 'create', 'bob')
    const words = await runWell('key', 'create', '--user', 'bob')
    const path = /its secret is in (\S+): /.exec(words)?.[1] ?? assert.fail(words)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    const [, accessKeyId = ''] =
      /^ALIBABA_CLOUD_ACCESS_KEY_ID=(\S+)\nALIBABA_CLOUD_ACCESS_KEY_SECRET=\S{30}\n$/.exec(readFileSync(path, 'utf8')) ?? []
    assert.doesNotMatch(words, /SECRET=/)
    const json = await runJson('key', 'create', '--user', 'bob')
    assert.match(String(json['secret']), /^[A-Za-z0-9]{30}$/)
    assert.match(await runWell('key', 'list', '--user', 'bob'), new RegExp(`${accessKeyId} +Active`))
    await runWell('key', 'disable', accessKeyId, '--user', 'bob')
    assert.match(await runWell('key', 'list', '--user', 'bob'), new RegExp(`${accessKeyId} +Inactive`))
    await runWell('key', 'delete', accessKeyId, '--user', 'bob')
    const third = await run('key', 'create', '--user', 'nobody')
    assert.deepEqual([third.code, /EntityNotExist\.User/.test(third.stderr)], [1, true])
  })

  it('refuse a wrong use in so many words', async () => {
    const { code, stderr } = await run('policy', 'attach', 'x', '--user', 'a', '--role', 'b')
    assert.equal(code, 2)
    assert.match(stderr, /name one of --user, --group and --role/)
  })

  it('make a role', async () => {
    const { AccountId } = await runJson('account', 'list').then((list) => ({ AccountId: (list as unknown as { id: number }[])[0]?.id }))
    const trust = file('trust.json', {
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: [`acs:ram::${AccountId}:root`] } }],
    })
    assert.match(await runWell('role', 'create', 'deploy', trust), /acs:ram::\d{16}:role\/deploy/)
    assert.match(await runWell('role', 'list'), /deploy/)
    assert.match(await runWell('role', 'show', 'deploy'), /sts:AssumeRole/)
    await runWell('role', 'delete', 'deploy')
  })
})

describe('chancery account', () => {
  it('makes, shows, changes, suspends and resumes tenants', async () => {
    const made = await runJson('account', 'create', 'a tenant')
    const id = String(made['accountId'])
    assert.match(id, /^[0-9]{16}$/)
    assert.match(await runWell('account', 'list'), new RegExp(`${id} +active .* a tenant`))
    const mine = {
      ...user,
      ALIBABA_CLOUD_ACCESS_KEY_ID: String(made['accessKeyId']),
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: String(made['secret']),
    }
    assert.equal((await runCommand(['plan', 'show'], mine)).code, 0)
    assert.match(await runWell('account', 'suspend', id), /suspended/)
    assert.match((await runCommand(['plan', 'show'], mine)).stderr, /InvalidAccessKeyId\.Inactive/)
    await runWell('account', 'resume', id)
    assert.match(
      await runWell('account', 'set', id, '--name', 'renamed', '--keys', 'separate', '--set-operators', 'on'),
      /renamed.*\n.*keys separate, set operators on/,
    )
    const key = await runJson('key', 'create', '--account', id)
    assert.equal(String(key['accountId']), id)
    assert.match((await run('key', 'create', '--account', '1000000000000001')).stderr, /account does not exist/)
    assert.match((await run('account', 'show', '1000000000000001')).stderr, /account does not exist/)
    for (const wrong of [
      ['account', 'show', '7'],
      ['account', 'suspend', 'all'],
      ['key', 'create', '--account', `${id}0`],
    ]) {
      const { code, stderr } = await run(...wrong)
      assert.deepEqual([code, /has 16 digits/.test(stderr)], [2, true], wrong.join(' '))
    }
  })
})

describe('chancery audit', () => {
  it('verifies the log against an earlier checkpoint', async () => {
    const checkpoint = join(work, 'checkpoint.txt')
    for (let tries = 0; ; tries++) {
      await runWell('plan', 'show')
      const text = await runWell('audit', 'checkpoint')
      writeFileSync(checkpoint, text)
      if (Number(text.split('\n')[1]) > 3) break
      assert.ok(tries < 20, text)
    }
    const key = (await runWell('audit', 'checkpoint', '--key')).trim()
    await runWell('user', 'create', 'carol')
    const words = await runWell('audit', 'verify', '--checkpoint', checkpoint, '--key', key)
    assert.match(
      words,
      /events in the log, 0 bodies deleted by retention, \d+ not sealed yet: everything agrees\nheld against a checkpoint of \d+ events/,
    )
    writeFileSync(checkpoint, readFileSync(checkpoint, 'utf8').replace(/\n\d+\n/, '\n2\n'))
    const wrong = await run('audit', 'verify', '--checkpoint', checkpoint)
    assert.equal(wrong.code, 1)
    assert.match(wrong.stdout, /the earlier checkpoint does not count/)
  })

  it('exports the log as files, into a folder of their own', async () => {
    const folder = join(work, 'log')
    assert.match(await runWell('audit', 'export', folder), /^\d+ events, \d+ files\n$/)
    const checkpoint = join(folder, 'checkpoint')
    const size = Number(readFileSync(checkpoint, 'utf8').split('\n')[1])
    assert.equal(readFileSync(join(folder, `tile/0/000.p/${size}`)).length, size * 32)
    assert.ok(readFileSync(join(folder, `tile/entries/000.p/${size}`)).length > size * 50)
    assert.deepEqual([statSync(checkpoint).mode & 0o777, statSync(folder).mode & 0o777], [0o600, 0o700])
    assert.match(await runWell('audit', 'verify', '--checkpoint', checkpoint), /everything agrees/)
    for (const [args, says] of [
      [['audit', 'export', folder], /is not empty/],
      [['audit', 'verify', '--checkpoint', join(work, 'nowhere')], /the checkpoint cannot be read: ENOENT/],
    ] as const) {
      const { code, stderr } = await run(...args)
      assert.notEqual(code, 0)
      assert.match(stderr, says)
      assert.doesNotMatch(stderr, /\n\s+at /)
    }
  })
})
