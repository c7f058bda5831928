import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { accessKey } from '../emulator/call-service.ts'
import { type ServiceProcess, startServiceProcess } from '../emulator/service-process.ts'
import { type Ended, runCommand } from './run-command.ts'

let service: ServiceProcess
let work: string
let user: Record<string, string>

before(async () => {
  service = await startServiceProcess({ CHANCERY_EMULATOR: '1' })
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

const run = (...args: string[]): Promise<Ended> => runCommand(['eab', ...args], user)

async function runWell(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args)
  assert.deepEqual([code, stderr], [0, ''], args.join(' '))
  return stdout
}

describe('chancery eab', () => {
  it('makes a key, with commands for ACME clients and the secret in a file that only its owner reads', async () => {
    const limits = ['--units', '9', '--accounts', '2', '--days', '30', '--tag', 'team=edge']
    const made = await runWell('create', 'the edge', '--domain', '*.team.example.com', 'www.example.com', ...limits)
    const [, keyId = ''] = /external account key (eab-\w{20}) of the account itself/.exec(made) ?? assert.fail(made)
    assert.match(made, new RegExp(`certbot certonly .* --eab-kid ${keyId} --eab-hmac-key "\\$EAB_HMAC_KEY"`))
    assert.match(made, new RegExp(`lego .* --eab --kid ${keyId} --hmac "\\$EAB_HMAC_KEY"`))
    const file = /its secret is in (\S+):/.exec(made)?.[1] ?? assert.fail(made)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const secret = /^EAB_KID=eab-\w{20}\nEAB_HMAC_KEY=([A-Za-z0-9_-]{43})\n$/.exec(readFileSync(file, 'utf8'))?.[1] ?? assert.fail()
    assert.ok(!made.includes(secret))

    const shown = await runWell('show', keyId)
    for (const line of [
      /user {7}the account itself/,
      /status {5}Active/,
      /products {3}chancery-private-mix/,
      /domains {4}\*\.team\.example\.com, www\.example\.com/,
      /tags {7}team=edge/,
      /units {6}0 of 9/,
      /accounts {3}0 of 2/,
      /ends {7}\d{4}-/,
      /last used {2}never/,
    ]) {
      assert.match(shown, line)
    }
    assert.ok(!shown.includes(secret))
    assert.match(await runWell('disable', keyId), /is off/)
    assert.match(await runWell('list'), new RegExp(`${keyId} +the edge +the account itself +Inactive +0 of 9 +0 of 2`))
    assert.match(await runWell('enable', keyId), /is on/)
    assert.match(await runWell('delete', keyId), /is deleted/)
    assert.ok(!(await runWell('list')).includes(keyId))
    assert.match(await runWell('list', '--deleted'), new RegExp(keyId))
    const gone = await run('enable', keyId)
    assert.equal(gone.code, 1)
    assert.match(gone.stderr, /EntityNotExist\.EabKey/)
  })

  it('refuses what it cannot read', async () => {
    const noTag = await run('create', 'x', '--tag', 'team')
    assert.equal(noTag.code, 2)
    const noNumber = await run('create', 'x', '--units', 'many')
    assert.equal(noNumber.code, 1)
    assert.match(noNumber.stderr, /UnitLimit/)
  })
})
