import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createNonces } from '../../src/acme/nonces.ts'
import { createMemoryReplayGuard } from '../gateway/memory-replay-guard.ts'
import { onBothEngines } from '../orders/open-test-services.ts'
import { itOnBothEngines, itOnEngine, startTestService, type TestData, withService } from '../support/service.ts'
import { spawnService } from '../support/service-process.ts'
import { AcmeClient } from './acme-client.ts'

const look = { onlyReturnExisting: true }
const served = 'accountDoesNotExist'

/** What a request with this nonce is told. */
async function tryNonce(base: string, nonce: string): Promise<string | undefined> {
  const client = await AcmeClient.open(base)
  return (await client.post(client.url('newAccount'), look, { header: { nonce } })).error
}

async function nonceOf(base: string): Promise<string> {
  return await (await AcmeClient.open(base)).nonce()
}

describe('nonces of several processes', () => {
  itOnEngine('postgres', '20. any process accepts what another one made, once for all of them (6.5)', async (data: TestData) => {
    await withService(data, async (one) => {
      const two = await startTestService(data)
      try {
        const [here, there] = [one.addresses.http ?? '', two.addresses.http ?? '']
        const [first, second] = [await nonceOf(here), await nonceOf(there)]
        assert.equal(await tryNonce(there, first), served)
        assert.equal(await tryNonce(here, second), served)
        for (const base of [here, there]) {
          for (const nonce of [first, second]) assert.equal(await tryNonce(base, nonce), 'badNonce')
        }
        // A process that has not seen the newest secret reads it when it meets a nonce of it.
        await one.services.secrets.renew()
        assert.equal(await tryNonce(there, await nonceOf(here)), served)
      } finally {
        await two.stop()
      }
    })
  })

  itOnBothEngines('20. after a clean stop unused ones still count, used ones do not (6.5)', async (data: TestData) => {
    const [used, unused] = await withService(data, async ({ addresses: { http = '' } }) => {
      const pair = [await nonceOf(http), await nonceOf(http)] as const
      assert.equal(await tryNonce(http, pair[0]), served)
      return pair
    })
    await withService(data, async ({ addresses: { http = '' } }) => {
      assert.equal(await tryNonce(http, used), 'badNonce')
      assert.equal(await tryNonce(http, unused), served)
    })
  })

  itOnBothEngines('20. after kill -9 no used nonce is accepted again (6.5)', async (data: TestData) => {
    const killed = await spawnService(data)
    const used = await nonceOf(killed.endpoint)
    assert.equal(await tryNonce(killed.endpoint, used), served)
    await killed.end('SIGKILL')
    const next = await spawnService(data)
    try {
      assert.equal(await tryNonce(next.endpoint, used), 'badNonce')
      assert.equal(await tryNonce(next.endpoint, await nonceOf(next.endpoint)), served)
    } finally {
      await next.end()
    }
  })
})

describe('a nonce', () => {
  onBothEngines('20. is accepted for ten minutes, and never known beforehand (6.5)', async ({ services, clock }) => {
    const nonces = createNonces({ ...services, wallClock: () => clock.now }, createMemoryReplayGuard())
    const [one, two] = [nonces.make(), nonces.make()]
    assert.notEqual(one, two)
    const genuine = await nonces.assertGenuine(one)
    assert.equal(genuine.madeAt, clock.now)
    clock.now += 600_000
    await nonces.use(await nonces.assertGenuine(one))
    await assert.rejects(nonces.use(genuine), { problem: 'acmeBadNonce' })
    clock.now += 1
    await assert.rejects(nonces.assertGenuine(two), { problem: 'acmeBadNonce' })
    clock.now -= 600_001 + 60_001
    await assert.rejects(nonces.assertGenuine(two), { problem: 'acmeBadNonce' })
  })

  it('has a MAC that covers every bit (6.5)', async () => {
    const { withTestSecrets } = await import('./test-secrets.ts')
    await withTestSecrets(async (secrets) => {
      const data = Buffer.from('some data')
      const mac = Buffer.from(secrets.mac('acmeNonce', data))
      assert.equal(mac.length, 20)
      assert.equal(await secrets.verifyMac('acmeNonce', data, mac), true)
      for (let bit = 0; bit < mac.length * 8; bit += 1) {
        const changed = Buffer.from(mac)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        assert.equal(await secrets.verifyMac('acmeNonce', data, changed), false, `bit ${bit}`)
      }
      assert.equal(await secrets.verifyMac('sessionToken', data, mac), false)
      assert.equal(await secrets.verifyMac('acmeNonce', Buffer.from('other data'), mac), false)
      assert.equal(await secrets.verifyMac('acmeNonce', data, mac.subarray(0, 19)), false)
      await secrets.renew()
      assert.equal(await secrets.verifyMac('acmeNonce', data, mac), true)
      assert.notDeepEqual(Buffer.from(secrets.mac('acmeNonce', data)), mac)
    })
  })
})
