import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Action } from '../../../src/gateway/action.ts'
import type { Caller, Identity } from '../../../src/gateway/caller.ts'
import { createCallLimits } from '../../../src/ram/call-limits.ts'
import { divide } from '../../../src/ram/limits/limit-share.ts'
import { sourceKey } from '../../../src/ram/limits/source-key.ts'

const named = (name: string) => ({ name }) as Action
const caller = (identity: Identity, accountId = 1_000_000_000_000_001): Caller => ({ accountId, principal: '', accessKeyId: '', identity })
const alice = caller({ kind: 'user', userId: 1, userName: 'alice' })

function setUp(changes: Partial<Parameters<typeof createCallLimits>[0]> = {}) {
  const time = { now: 1_000 }
  const limits = createCallLimits({
    perSecond: 50,
    rates: new Map([['Mine', 3]]),
    failuresPerMinute: 60,
    share: () => 1,
    clock: () => time.now,
    ...changes,
  })
  const passed = (who: Caller, action: string, calls: number, ip = '192.0.2.1') =>
    Array.from({ length: calls }, () => limits.admit(who, named(action), ip)).filter((wait) => wait === undefined).length
  return { time, limits, passed }
}

describe('limits of calls', () => {
  it('are those of the original, of the operator, or the general one, for each principal and action', () => {
    const { passed } = setUp()
    assert.equal(passed(alice, 'ListUserCertificateOrder', 30), 10)
    assert.equal(passed(alice, 'Mine', 30), 3)
    assert.equal(passed(alice, 'CreateCertificateRequest', 80), 50)
    assert.equal(passed(caller({ kind: 'user', userId: 2, userName: 'bob' }), 'Mine', 30), 3)
    assert.equal(passed(caller({ kind: 'account' }), 'Mine', 30), 3)
    assert.equal(passed(caller({ kind: 'account' }, 1_000_000_000_000_002), 'Mine', 30), 3)
  })

  it('count the sessions of one role together, and callers without a key by their address', () => {
    const { passed } = setUp()
    const session = (sessionName: string) => caller({ kind: 'session', roleId: 9, roleName: 'deploy', sessionName })
    assert.equal(passed(session('a'), 'Mine', 2) + passed(session('b'), 'Mine', 30), 3)
    const nobody = caller({ kind: 'anonymous' }, 0)
    assert.equal(passed(nobody, 'Mine', 30, '2001:db8::1') + passed(nobody, 'Mine', 30, '2001:db8::2'), 3)
    assert.equal(passed(nobody, 'Mine', 30, '2001:db8:0:1::2'), 3)
  })

  it('follow the share of the process', () => {
    let share = 0.5
    const { passed, time } = setUp({ share: () => share })
    assert.equal(passed(alice, 'CreateCertificateRequest', 80), 25)
    share = 0.1
    time.now += 1_000
    assert.equal(passed(alice, 'CreateCertificateRequest', 80), 5)
  })

  it('stop a source that fails too often, and nobody else', () => {
    const { limits, time } = setUp()
    for (let call = 0; call < 20; call++) {
      assert.equal(limits.admitAddress('192.0.2.1'), undefined)
      limits.countFailure('192.0.2.1')
    }
    assert.ok((limits.admitAddress('192.0.2.1') ?? 0) > 0)
    assert.equal(limits.admitAddress('192.0.2.2'), undefined)
    time.now += 1_001
    assert.equal(limits.admitAddress('192.0.2.1'), undefined)
  })

  it('take an IPv4 address as it is, mapped or not, and of an IPv6 address its /64', () => {
    assert.equal(sourceKey('192.0.2.1'), '192.0.2.1')
    assert.notEqual(sourceKey('192.0.2.1'), sourceKey('192.0.2.2'))
    assert.equal(sourceKey('2001:db8:0:7::1'), sourceKey('2001:DB8:0:7:ffff::9'))
    assert.notEqual(sourceKey('2001:db8:0:7::1'), sourceKey('2001:db8:0:8::1'))
    assert.equal(sourceKey(''), sourceKey('no address'))
  })

  it('divide among processes: nearly all of it, more to whom is asked more, something to everybody', () => {
    assert.equal(divide(0, { processes: 1, asked: 0 }), 1)
    assert.equal(divide(5, { processes: 1, asked: 5 }), 1)
    const parts = [900, 100, 0].map((own) => divide(own, { processes: 3, asked: 1_000 }))
    assert.ok(Math.abs(parts.reduce((sum, part) => sum + part, 0) - 0.95) < 1e-9)
    assert.ok(parts.every((part) => part > 0.06))
    assert.ok((parts[0] ?? 0) > 0.7)
  })
})
