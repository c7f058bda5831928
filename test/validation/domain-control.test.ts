import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { startDnsServer } from '../../demo/dns-server.ts'
import { openDomainControl } from '../../src/validation/domain-control.ts'
import { createDnsClient } from '../../src/validation/net/dns-client.ts'
import type { DnsAnswer, DnsClient } from '../../src/validation/net/dns-client.ts'

const never = new AbortController().signal
const token = 'token'

const askNoAddresses = () => assert.fail('a proof by a TXT record asks for no addresses')

/** A client that holds every query until it is let go, and says which ones it holds. */
function createHeldClient() {
  const held = new Map<string, (() => void)[]>()
  const started: string[] = []
  const client: DnsClient = {
    query(name) {
      started.push(name)
      const { promise, resolve } = Promise.withResolvers<DnsAnswer>()
      const answer: DnsAnswer = { kind: 'answer', rcode: 'NXDOMAIN', ad: false, records: [], exchanges: [] }
      held.set(name, [...(held.get(name) ?? []), () => resolve(answer)])
      return promise
    },
    queryAddresses: askNoAddresses,
  }
  const letGo = async (name: string) => {
    held.get(name)?.shift()?.()
    await turn()
  }
  return { client, started, letGo }
}

describe('domain control', () => {
  it('proves a wildcard at the name without *. (BR 3.2.2.4.7)', async () => {
    const server = await startDnsServer({ txt: { '_dnsauth.example.com': [token] } })
    const client = createDnsClient({ resolvers: [server], timeoutMs: 500, tries: 1, randomBytes })
    const control = openDomainControl({ client })
    for (const identifier of ['*.example.com', 'example.com', 'EXAMPLE.com']) {
      const attempt = await control.check({ method: 'DNS', identifier, token, accountId: 1 }, never)
      assert.equal(attempt.proven, true, identifier)
    }
    const other = await control.check({ method: 'DNS', identifier: 'www.example.com', token, accountId: 1 }, never)
    await server.close()
    assert.equal(other.failure, 'nxdomain')
    assert.equal(control.maxConcurrent, 256)
  })

  it('runs no more checks of one target than its limit, and starts the next when one ends', async () => {
    const { client, started, letGo } = createHeldClient()
    const control = openDomainControl({ client, limits: { perTarget: 2 } })
    const attempts = ['a.test', '*.a.test', 'A.test'].map((identifier, accountId) =>
      control.check({ method: 'DNS', identifier, token, accountId }, never),
    )
    await turn()
    assert.equal(started.length, 2)
    await letGo('_dnsauth.a.test')
    assert.equal(started.length, 3)
    await letGo('_dnsauth.a.test')
    await letGo('_dnsauth.a.test')
    assert.equal((await Promise.all(attempts)).length, 3)
  })

  it('runs no more checks of one account than its limit, and lets other accounts pass', async () => {
    const { client, started, letGo } = createHeldClient()
    const control = openDomainControl({ client, limits: { perAccount: 1 } })
    const check = (identifier: string, accountId: number) => void control.check({ method: 'DNS', identifier, token, accountId }, never)
    check('a1.test', 1)
    check('a2.test', 1)
    check('b1.test', 2)
    await turn()
    assert.deepEqual(started, ['_dnsauth.a1.test', '_dnsauth.b1.test'])
    await letGo('_dnsauth.b1.test')
    assert.equal(started.length, 2)
    await letGo('_dnsauth.a1.test')
    assert.deepEqual(started.slice(2), ['_dnsauth.a2.test'])
    await letGo('_dnsauth.a2.test')
  })

  it('lets accounts take turns when the process is at its limit', async () => {
    const { client, started, letGo } = createHeldClient()
    const control = openDomainControl({ client, limits: { perProcess: 1 } })
    const wanted: [string, number][] = [
      ['a1', 1],
      ['a2', 1],
      ['a3', 1],
      ['a4', 1],
      ['b1', 2],
      ['c1', 3],
      ['b2', 2],
    ]
    for (const [identifier, accountId] of wanted) void control.check({ method: 'DNS', identifier, token, accountId }, never)
    for (let i = 0; i < wanted.length; i += 1) {
      await turn()
      assert.equal(started.length, i + 1)
      await letGo(started[i] ?? '')
    }
    assert.deepEqual(
      started.map((name) => name.replace('_dnsauth.', '')),
      ['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4'],
    )
  })

  it('forgets a waiter whose signal aborts, and gives its turn to the next', async () => {
    const { client, started, letGo } = createHeldClient()
    const control = openDomainControl({ client, limits: { perProcess: 1 } })
    const abort = new AbortController()
    void control.check({ method: 'DNS', identifier: 'first.test', token, accountId: 1 }, never)
    const second = control.check({ method: 'DNS', identifier: 'second.test', token, accountId: 1 }, abort.signal)
    void control.check({ method: 'DNS', identifier: 'third.test', token, accountId: 1 }, never)
    abort.abort(new Error('lease ended'))
    await assert.rejects(second, /lease ended/)
    await letGo('_dnsauth.first.test')
    assert.deepEqual(started, ['_dnsauth.first.test', '_dnsauth.third.test'])
    await letGo('_dnsauth.third.test')
  })

  it('gives the slot back when a check is aborted', async () => {
    const client: DnsClient = {
      query: (_name, _type, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      queryAddresses: askNoAddresses,
    }
    const control = openDomainControl({ client, limits: { perProcess: 1 } })
    for (let i = 0; i < 3; i += 1) {
      const abort = new AbortController()
      const attempt = control.check({ method: 'DNS', identifier: 'a.test', token, accountId: 1 }, abort.signal)
      await turn()
      abort.abort(new Error(`lease ${i}`))
      await assert.rejects(attempt, new RegExp(`lease ${i}`))
    }
  })
})
