import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { openEmulator } from '../../src/emulator/emulator.ts'
import type { DomainControl } from '../../src/validation/domain-control.ts'

const proof = { method: 'DNS', identifier: 'www.example.com', token: 'a-token', accountId: 1 } as const
const never = new AbortController().signal

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function open(t: TestContext, passAfterMs: number | 'real', file = join(folderOf(t), 'emulator.json')) {
  const time = { now: 1_800_000_000_000 }
  const real = { looks: 0 }
  const control: DomainControl = {
    maxConcurrent: 7,
    check: () => {
      real.looks += 1
      return Promise.resolve({ proven: false, failure: 'noRecord', message: 'real', evidence: { method: 'DNS', queries: [] } })
    },
  }
  return { ...openEmulator({ file, realClock: () => time.now, passAfterMs }, control), time, real, file }
}

describe('the emulator', () => {
  it('lets proofs pass at once', async (t) => {
    const { domainControl, real } = open(t, 0)
    const attempt = await domainControl.check(proof, never)
    assert.equal(attempt.proven, true)
    assert.match(attempt.message, /emulator/)
    assert.equal(real.looks, 0)
  })

  it('lets challenges of ACME pass as other proofs', async (t) => {
    const { domainControl, emulator, time, real } = open(t, 0)
    for (const method of ['http-01', 'dns-01', 'tls-alpn-01'] as const) {
      emulator.setProofs(0)
      const challenge = { method, identifier: 'www.example.com', token: method, keyAuthorization: `${method}.thumbprint`, accountId: 1 }
      const attempt = await domainControl.check(challenge, never)
      assert.deepEqual([attempt.proven, attempt.evidence.method], [true, method])
      emulator.setProofs(5_000)
      assert.equal((await domainControl.check(challenge, never)).proven, false)
      time.now += 5_000
      assert.equal((await domainControl.check(challenge, never)).proven, true)
    }
    assert.equal(real.looks, 0)
    emulator.setProofs('real')
    await domainControl.check({ ...proof, method: 'DNS' }, never)
    assert.equal(real.looks, 1)
  })

  it('lets a proof pass a time after the first look at it, and says how long that is', async (t) => {
    const { domainControl, time, real } = open(t, 10_000)
    const first = await domainControl.check(proof, never)
    assert.deepEqual([first.proven, first.failure], [false, 'noRecord'])
    assert.match(first.message, /in 10 s/)
    time.now += 4_000
    assert.match((await domainControl.check(proof, never)).message, /in 6 s/)
    // Each proof has a time of its own.
    assert.match((await domainControl.check({ ...proof, token: 'another' }, never)).message, /in 10 s/)
    time.now += 6_000
    assert.equal((await domainControl.check(proof, never)).proven, true)
    assert.equal((await domainControl.check({ ...proof, token: 'another' }, never)).proven, false)
    assert.equal(real.looks, 0)
  })

  it('lets a moved clock pass the time', async (t) => {
    const { domainControl, emulator } = open(t, 3_600_000)
    assert.equal((await domainControl.check(proof, never)).proven, false)
    emulator.moveClock(3_600_000)
    assert.equal((await domainControl.check(proof, never)).proven, true)
  })

  it('leaves proofs to the real network if told so, at the start and later', async (t) => {
    const { domainControl, emulator, real } = open(t, 'real')
    assert.equal((await domainControl.check(proof, never)).message, 'real')
    emulator.setProofs(0)
    assert.equal((await domainControl.check(proof, never)).proven, true)
    emulator.setProofs('real')
    assert.equal((await domainControl.check(proof, never)).proven, false)
    assert.equal(real.looks, 2)
    assert.equal(domainControl.maxConcurrent, 7)
  })

  it('keeps its clock moved over a restart, in a file for its owner alone', (t) => {
    const { emulator, file, time } = open(t, 0)
    assert.equal(emulator.clock(), time.now)
    let told = 0
    emulator.onMoved(() => (told += 1))
    assert.equal(emulator.moveClock(1_000), time.now + 1_000)
    assert.equal(emulator.moveClock(2_000), time.now + 3_000)
    assert.equal(told, 2)
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { movedMs: 3_000 })
    assert.equal(open(t, 0, file).emulator.clock(), time.now + 3_000)
  })

  it('takes a file that holds no movement for none', (t) => {
    const file = join(folderOf(t), 'emulator.json')
    for (const content of ['', '{', '[]', 'null', '{"movedMs":"5"}', '{"movedMs":-5}', '{}']) {
      writeFileSync(file, content)
      const { emulator, time } = open(t, 0, file)
      assert.equal(emulator.clock(), time.now, content)
    }
  })
})
