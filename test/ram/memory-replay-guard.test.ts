import assert from 'node:assert/strict'
import { appendFileSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { type MemoryReplayGuard, openMemoryReplayGuard } from '../../src/ram/memory-replay-guard.ts'

const start = 1_790_000_000_000
const WINDOW_MS = 15 * 60_000

function createFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'replay-guard.json')
}

interface Setting {
  file: string
  now: number
}

function open(setting: Setting, options: { firstStart?: boolean; capacity?: number } = {}): MemoryReplayGuard {
  return openMemoryReplayGuard({ file: setting.file, firstStart: false, capacity: 1_000, clock: () => setting.now, ...options })
}

const use = (guard: MemoryReplayGuard, nonce: string, timestampMs: number, scope = 'key') =>
  guard.use({ scope, nonce, timestampMs, expiresAtMs: timestampMs + WINDOW_MS })

describe('the replay guard in memory', () => {
  it('takes a nonce once for each access key', async (t) => {
    const guard = open({ file: createFile(t), now: start }, { firstStart: true })
    assert.equal(await use(guard, 'n', start), 'fresh')
    assert.equal(await use(guard, 'n', start + 5), 'used')
    assert.equal(await use(guard, 'n', start, 'other key'), 'fresh')
    const at = await Promise.all(Array.from({ length: 10 }, () => use(guard, 'm', start)))
    assert.equal(at.filter((answer) => answer === 'fresh').length, 1)
  })

  it('accepts requests of any date at the very first start', async (t) => {
    const guard = open({ file: createFile(t), now: start }, { firstStart: true })
    assert.equal(guard.opensAt, 0)
    assert.equal(await use(guard, 'n', start - WINDOW_MS), 'fresh')
  })

  it('knows after a clean stop what was used before, and refuses no request for its date', async (t) => {
    const setting = { file: createFile(t), now: start }
    const first = open(setting, { firstStart: true })
    await use(first, 'used', start)
    first.save()
    setting.now += 1_000
    const second = open(setting)
    assert.equal(second.opensAt, 0)
    assert.equal(await use(second, 'used', start), 'used')
    assert.equal(await use(second, 'new', start - 60_000), 'fresh')
  })

  it('writes its file for the owner only, and takes it away at the next start', async (t) => {
    const setting = { file: createFile(t), now: start }
    open(setting, { firstStart: true }).save()
    assert.equal(statSync(setting.file).mode & 0o777, 0o600)
    open(setting)
    assert.equal(existsSync(setting.file), false)
  })

  it('refuses after a kill whatever is dated up to the second of the start', async (t) => {
    const setting = { file: createFile(t), now: start }
    open(setting, { firstStart: true }).save()
    // Takes the file and is killed: it saves nothing.
    await use(open(setting), 'lost', start)
    setting.now = start + 10_400
    const guard = open(setting)
    assert.equal(await use(guard, 'lost', start), 'beforeStart')
    assert.equal(await use(guard, 'unheard of', start + 9_000), 'beforeStart')
    // Timestamps have whole seconds: this one may have been sent before the start.
    assert.equal(await use(guard, 'same second', start + 10_000), 'beforeStart')
    assert.equal(guard.opensAt, start + 11_000)
    assert.equal(await use(guard, 'next second', start + 11_000), 'fresh')
  })

  it('knows after a kill what it served of requests dated ahead, and forgets none of them at a clean stop', async (t) => {
    const setting = { file: createFile(t), now: start }
    let guard = open(setting, { firstStart: true })
    assert.equal(await use(guard, 'ahead', start + 600_000), 'fresh')
    assert.equal(await use(guard, 'a second ahead', start + 1_000), 'fresh')
    // Killed: nothing is saved, and the request would be newer than the start that follows.
    setting.now = start + 5_000
    guard = open(setting)
    assert.equal(await use(guard, 'ahead', start + 600_000), 'used')
    assert.equal(await use(guard, 'new and ahead', start + 600_000), 'fresh')
    // Killed again while the journal was written.
    appendFileSync(`${setting.file}.ahead`, '["key torn",17')
    guard = open(setting)
    for (const nonce of ['ahead', 'new and ahead']) assert.equal(await use(guard, nonce, start + 600_000), 'used', nonce)
    guard.save()
    assert.equal(existsSync(`${setting.file}.ahead`), false)
    guard = open(setting)
    for (const nonce of ['ahead', 'new and ahead']) assert.equal(await use(guard, nonce, start + 600_000), 'used', nonce)
  })

  it('takes a damaged file for a missing one', async (t) => {
    for (const damage of ['', '[["key n",', '\0\0\0\0', '{}', 'null', '5', '[5]', '[["key n"]]', '[["key n","soon"]]']) {
      const setting = { file: createFile(t), now: start }
      writeFileSync(setting.file, damage)
      const guard = open(setting)
      assert.equal(await use(guard, 'n', start - 5_000), 'beforeStart', damage)
      assert.equal(await use(guard, 'n', start + 5_000), 'fresh', damage)
    }
  })

  it('forgets a nonce when its request would be refused for its age, and makes room by that', async (t) => {
    const setting = { file: createFile(t), now: start }
    const guard = open(setting, { firstStart: true, capacity: 3 })
    for (const nonce of ['a', 'b', 'c']) assert.equal(await use(guard, nonce, start), 'fresh')
    // Until the minute is over in which the first ones end.
    const retryAfterMs = String((Math.floor((start + WINDOW_MS) / 60_000) + 1) * 60_000 - start)
    await assert.rejects(use(guard, 'd', start), { problem: 'throttling', params: { retryAfterMs } })
    // A full guard still knows what was used.
    assert.equal(await use(guard, 'a', start), 'used')
    setting.now = start + WINDOW_MS - 60_000
    await assert.rejects(use(guard, 'd', setting.now), { problem: 'throttling' })
    setting.now = start + WINDOW_MS + 60_000
    assert.equal(await use(guard, 'd', setting.now), 'fresh')
  })

  it('does not grow over a day of steady traffic', async (t) => {
    const setting = { file: createFile(t), now: start }
    // Room for 20 minutes of one request a second, but never more than capacity: nothing may be throttled.
    const guard = open(setting, { firstStart: true, capacity: 45 * 60 })
    for (let second = 0; second < 86_400; second += 1) {
      setting.now = start + second * 1_000
      await use(guard, `n${second}`, setting.now)
    }
    guard.save()
    assert.ok(statSync(setting.file).size < 45 * 60 * 40)
  })

  it('keeps nonces across several clean stops, until they expire', async (t) => {
    const setting = { file: createFile(t), now: start }
    let guard = open(setting, { firstStart: true })
    await use(guard, 'n', start)
    for (let restart = 0; restart < 3; restart++) {
      guard.save()
      setting.now += 60_000
      guard = open(setting, { capacity: 1 })
      assert.equal(await use(guard, 'n', start), 'used')
    }
    guard.save()
    setting.now = start + WINDOW_MS + 60_000
    guard = open(setting, { capacity: 1 })
    assert.equal(await use(guard, 'later', setting.now), 'fresh')
  })

  it('accepts nothing more once it was saved: what came later would be forgotten', async (t) => {
    const guard = open({ file: createFile(t), now: start }, { firstStart: true })
    guard.save()
    await assert.rejects(use(guard, 'n', start), { problem: 'serviceUnavailable' })
  })
})
