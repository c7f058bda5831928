import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { findCredentials } from '../../src/cli/credentials.ts'
import { CallRefusedError } from '../../src/cli/refusals.ts'
import { accessKey } from '../emulator/call-service.ts'
import { startServiceProcess } from '../emulator/service-process.ts'
import { runCommand } from './run-command.ts'

/** A home folder with the file of the aliyun CLI, as that writes it. */
function homeWith(t: TestContext, content: unknown): string {
  const home = mkdtempSync(join(tmpdir(), 'chancery-test-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  if (content === undefined) return home
  mkdirSync(join(home, '.aliyun'))
  const text = typeof content === 'string' ? content : JSON.stringify(content, undefined, '\t')
  writeFileSync(join(home, '.aliyun', 'config.json'), text, { mode: 0o600 })
  return home
}

const profile = (name: string, changes: Readonly<Record<string, unknown>> = {}) => ({
  name,
  mode: 'AK',
  access_key_id: `id-of-${name}`,
  access_key_secret: `secret-of-${name}`,
  sts_token: '',
  region_id: 'cn-hangzhou',
  output_format: 'json',
  language: 'en',
  ...changes,
})

const configuration = {
  current: 'work',
  profiles: [profile('default'), profile('work'), profile('role', { mode: 'RamRoleArn' }), profile('empty', { access_key_id: '' })],
  meta_path: '',
}

const of = (name: string) => ({ accessKeyId: `id-of-${name}`, accessKeySecret: `secret-of-${name}` })
const refusal = (pattern: RegExp) => (error: unknown) => error instanceof CallRefusedError && pattern.test(error.message)

describe('the credentials of the command line', () => {
  it('are those of the environment first', (t) => {
    const HOME = homeWith(t, configuration)
    const env = { HOME, ALIBABA_CLOUD_ACCESS_KEY_ID: 'env-id', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'env-secret' }
    assert.deepEqual(findCredentials(env), { accessKeyId: 'env-id', accessKeySecret: 'env-secret' })
    // A profile that somebody names counts more; half a pair and empty variables count nothing.
    assert.deepEqual(findCredentials(env, 'default'), of('default'))
    assert.deepEqual(findCredentials({ HOME, ALIBABA_CLOUD_ACCESS_KEY_ID: 'env-id' }), of('work'))
    assert.deepEqual(findCredentials({ ...env, ALIBABA_CLOUD_ACCESS_KEY_SECRET: '' }), of('work'))
  })

  it('are those of the named profile, then of the current one, then of "default"', (t) => {
    const HOME = homeWith(t, configuration)
    assert.deepEqual(findCredentials({ HOME }), of('work'))
    assert.deepEqual(findCredentials({ HOME, ALIBABA_CLOUD_PROFILE: 'default' }), of('default'))
    assert.deepEqual(findCredentials({ HOME, ALIBABA_CLOUD_PROFILE: 'work' }, 'default'), of('default'))
    assert.deepEqual(findCredentials({ HOME: homeWith(t, { profiles: [profile('default')] }) }), of('default'))
  })

  it('that cannot be found say where a key can be put', (t) => {
    const HOME = homeWith(t, configuration)
    assert.throws(() => findCredentials({ HOME }, 'nobody'), refusal(/config\.json holds no profile called nobody/))
    assert.throws(() => findCredentials({ HOME }, 'role'), refusal(/profile role .* is not of the mode AK/))
    assert.throws(
      () => findCredentials({ HOME }, 'empty'),
      refusal(/profile empty .* is not of the mode AK or StsToken with an access key/),
    )
    const nothing = /set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or configure a profile of the aliyun CLI/
    assert.throws(() => findCredentials({ HOME: homeWith(t, undefined) }), refusal(nothing))
  })

  it('in a broken file are refused without a word of what is in it', (t) => {
    for (const content of [
      '{"profiles":[{"access_key_secret":"precious"',
      '"precious"',
      'null',
      '[]',
      '{"profiles":"precious"}',
      '{"profiles":[null]}',
    ]) {
      assert.throws(
        () => findCredentials({ HOME: homeWith(t, content) }),
        (error) => refusal(/config\.json/)(error) && error instanceof Error && !error.message.includes('precious'),
        content,
      )
    }
  })

  it('sign the calls of the command that reads them', async (t) => {
    await using service = await startServiceProcess()
    const right = profile('right', { access_key_id: accessKey.id, access_key_secret: accessKey.secret })
    const HOME = homeWith(t, { current: 'wrong', profiles: [right, profile('wrong')] })
    const env = { PATH: process.env['PATH'] ?? '', HOME, CHANCERY_ENDPOINT: service.http }
    const good = await runCommand(['--profile', 'right', 'plan', 'show'], env)
    assert.deepEqual([good.code, good.stderr], [0, ''])
    const bad = await runCommand(['plan', 'show'], env)
    assert.equal(bad.code, 1)
    assert.match(bad.stderr, /InvalidAccessKeyId\.NotFound/)
    const none = await runCommand(['plan', 'show'], { ...env, HOME: homeWith(t, undefined) })
    assert.equal(none.code, 1)
    assert.match(none.stderr, /^no access key: set ALIBABA_CLOUD_ACCESS_KEY_ID/)
  })
})
