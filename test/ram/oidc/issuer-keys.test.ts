import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pino from 'pino'
import { isAllowedHost, isAllowedIssuer } from '../../../src/ram/oidc/issuer-allow-list.ts'
import { type FetchJson, type IssuerKeyOutcome, openIssuerKeys } from '../../../src/ram/oidc/issuer-keys.ts'

const issuer = 'https://issuer.example'

function setUp() {
  const time = { now: 1_000_000_000 }
  const asked: string[] = []
  const state = { down: false }
  const fetchJson: FetchJson = (url) => {
    asked.push(url.href)
    if (state.down) return Promise.resolve({ kind: 'failure', failure: 'network', detail: 'ECONNREFUSED' })
    const content = url.pathname === '/keys' ? { keys: [] } : { issuer: url.origin, jwks_uri: `${url.origin}/keys` }
    return Promise.resolve({ kind: 'json', content, certificateSha1s: ['aa'] })
  }
  const keys = openIssuerKeys({
    fetchJson,
    allowed: ['issuer.example', 'other.example'],
    clock: () => time.now,
    log: pino({ level: 'silent' }),
  })
  return { time, asked, state, find: (refresh = false) => keys.find(issuer, refresh), keys }
}

async function assertFailed(outcome: Promise<IssuerKeyOutcome>): Promise<void> {
  assert.equal((await outcome).kind, 'failure')
}

describe('the cache of issuer keys', () => {
  it('keeps keys ten minutes, and serves all who wait by one fetch', async () => {
    const { time, asked, find } = setUp()
    const [first, second] = await Promise.all([find(), find()])
    assert.equal(first, second)
    assert.deepEqual(asked, [`${issuer}/.well-known/openid-configuration`, `${issuer}/keys`])
    time.now += 599_999
    assert.equal(await find(), first)
    time.now += 1
    assert.notEqual(await find(), first)
    assert.equal(asked.length, 4)
  })

  it('looks again for a key that is missing, once a minute', async () => {
    const { time, asked, find } = setUp()
    await find()
    time.now += 59_999
    await find(true)
    assert.equal(asked.length, 2)
    time.now += 1
    await find(true)
    await find(true)
    assert.equal(asked.length, 4)
    // The second look starts the ten minutes anew.
    time.now += 599_999
    await find()
    assert.equal(asked.length, 4)
  })

  it('remembers a failure ten seconds', async () => {
    const { time, asked, state, find } = setUp()
    state.down = true
    await assertFailed(find())
    await assertFailed(find())
    time.now += 9_999
    await assertFailed(find())
    assert.equal(asked.length, 1)
    state.down = false
    time.now += 1
    assert.equal((await find()).kind, 'keys')
  })

  it('keeps the keys that it has when a second look fails, but not beyond their ten minutes', async () => {
    const { time, state, find } = setUp()
    const first = await find()
    state.down = true
    time.now += 300_000
    assert.equal(await find(true), first)
    assert.equal(await find(), first)
    time.now += 300_000
    await assertFailed(find())
  })

  it('looks again after the clock was set back', async () => {
    const { time, asked, find } = setUp()
    await find()
    time.now -= 1
    await find()
    assert.equal(asked.length, 4)
  })
})

describe('the list of allowed issuers', () => {
  const allowed = ['https://issuer.example/tenant', 'cluster.internal:6443', 'open.example']

  it('allows an issuer by its URL alone, and all issuers on a host', () => {
    for (const [url, expected] of [
      ['https://issuer.example/tenant', true],
      ['https://issuer.example/tenant/', true],
      ['https://issuer.example/other', false],
      ['https://issuer.example', false],
      ['https://cluster.internal:6443', true],
      ['https://cluster.internal', false],
      ['https://open.example/any/path', true],
      ['https://open.example:443/x', true],
      ['https://open.example.evil.example', false],
      ['http://open.example', false],
      ['nonsense', false],
    ] as const) {
      assert.equal(isAllowedIssuer(url, allowed), expected, url)
    }
    assert.equal(isAllowedIssuer('https://open.example', []), false)
  })

  it('allows keys on the host of an allowed issuer', () => {
    for (const [url, expected] of [
      ['https://issuer.example/keys', true],
      ['https://open.example/keys', true],
      ['https://cluster.internal:6443/openid/v1/jwks', true],
      ['https://cluster.internal/openid/v1/jwks', false],
      ['http://open.example/keys', false],
      ['https://elsewhere.example/keys', false],
    ] as const) {
      assert.equal(isAllowedHost(new URL(url), allowed), expected, url)
    }
  })
})
