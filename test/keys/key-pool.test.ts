import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KeyAlgorithm, KeyPair } from '../../src/keys/key-pair.ts'
import { openKeyPool } from '../../src/keys/key-pool.ts'
import { findOrderOfAnyAccount } from '../../src/storage/orders.ts'
import { createAdvancer } from '../../src/orders/advance.ts'
import { onBothEngines, place, proven } from '../orders/open-test-services.ts'

const spki = Buffer.from('a public key')

/** A generator that gives numbered keys and keeps all of them in sight. */
function countedKeys(make: (index: number) => Uint8Array = (index) => Uint8Array.of(0xaa, index + 1)) {
  const asked: KeyAlgorithm[] = []
  const made: KeyPair[] = []
  return {
    asked,
    made,
    async generate(algorithm: KeyAlgorithm): Promise<KeyPair> {
      asked.push(algorithm)
      const pair = { spkiDer: spki, pkcs8Der: make(made.length) }
      made.push(pair)
      return pair
    },
  }
}

async function until(holds: () => boolean, seconds = 10): Promise<void> {
  const deadline = performance.now() + seconds * 1_000
  while (!holds()) {
    assert.ok(performance.now() < deadline, 'it did not happen in time')
    // The pool's timers keep nothing alive: this one does.
    await sleep(10)
  }
}

const isWiped = ({ pkcs8Der }: KeyPair) => pkcs8Der.every((octet) => octet === 0)

describe('the pool of RSA keys', () => {
  it('fills itself up to its size and no further, with RSA-2048 keys alone', async () => {
    const keys = countedKeys()
    const pool = openKeyPool({ size: 3, idleBelow: 2, generate: keys.generate })
    assert.equal(pool.stock(), 0)
    await until(() => pool.stock() === 3)
    await sleep(350)
    assert.equal(pool.stock(), 3)
    assert.deepEqual(keys.asked, ['RSA_2048', 'RSA_2048', 'RSA_2048'])
    pool.stop()
  })

  it('gives each key once, in the order of their making, and refills what was taken', async () => {
    const keys = countedKeys()
    const pool = openKeyPool({ size: 2, idleBelow: 2, generate: keys.generate })
    await until(() => pool.stock() === 2)
    const [first, second] = await Promise.all([pool.take('RSA_2048'), pool.take('RSA_2048')])
    assert.equal(first, keys.made[0])
    assert.equal(second, keys.made[1])
    assert.equal(pool.stock(), 0)
    // The stock is empty: this one is made for the caller and belongs to nobody else.
    const third = await pool.take('RSA_2048')
    assert.equal(third, keys.made[2])
    await until(() => pool.stock() === 2)
    const later = await Promise.all([pool.take('RSA_2048'), pool.take('RSA_2048')])
    assert.equal(new Set([first, second, third, ...later]).size, 5)
    assert.ok([first, second, third, ...later].every((pair) => !isWiped(pair)))
    pool.stop()
  })

  it('makes keys of other algorithms on demand and leaves the stock alone', async () => {
    const keys = countedKeys()
    const pool = openKeyPool({ size: 1, idleBelow: 2, generate: keys.generate })
    await until(() => pool.stock() === 1)
    for (const algorithm of ['ECC_256', 'ECC_384', 'RSA_3072', 'RSA_4096'] as const) await pool.take(algorithm)
    assert.deepEqual(keys.asked, ['RSA_2048', 'ECC_256', 'ECC_384', 'RSA_3072', 'RSA_4096'])
    assert.equal(pool.stock(), 1)
    pool.stop()
  })

  it('makes no key while the event loop is busy', async () => {
    const keys = countedKeys()
    const pool = openKeyPool({ size: 4, idleBelow: 0.3, generate: keys.generate })
    const end = performance.now() + 1_800
    while (performance.now() < end) {
      const busyUntil = performance.now() + 30
      while (performance.now() < busyUntil);
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.deepEqual(keys.asked, [])
    await until(() => pool.stock() === 4)
    pool.stop()
  })

  it('makes nothing ahead with the size 0', async () => {
    const keys = countedKeys()
    const pool = openKeyPool({ size: 0, idleBelow: 2, generate: keys.generate })
    await pool.take('RSA_2048')
    await sleep(250)
    assert.equal(keys.asked.length, 1)
    assert.equal(pool.stock(), 0)
    pool.stop()
  })

  it('wipes its stock when it stops, and the key that is just being made, and makes no more', async () => {
    const keys = countedKeys()
    let hold: (() => void) | undefined
    const pool = openKeyPool({
      size: 3,
      idleBelow: 2,
      async generate(algorithm) {
        const pair = await keys.generate(algorithm)
        if (keys.made.length === 3) await new Promise<void>((resolve) => (hold = resolve))
        return pair
      },
    })
    await until(() => pool.stock() === 2 && hold !== undefined)
    pool.stop()
    assert.equal(pool.stock(), 0)
    assert.deepEqual(keys.made.map(isWiped), [true, true, false])
    hold?.()
    await sleep(250)
    assert.deepEqual(keys.made.map(isWiped), [true, true, true])
    assert.equal(keys.made.length, 3)
    assert.equal(pool.stock(), 0)
  })

  it('goes on after a key that could not be made', async () => {
    const keys = countedKeys()
    let failures = 0
    const pool = openKeyPool({
      size: 1,
      idleBelow: 2,
      async generate(algorithm) {
        if (failures++ < 2) throw new Error('no randomness')
        return await keys.generate(algorithm)
      },
    })
    await until(() => pool.stock() === 1)
    assert.equal(failures, 3)
    pool.stop()
  })

  onBothEngines('issues RSA orders without making a key while its stock lasts, and wipes what it gave', async (test) => {
    const real = Array.from({ length: 3 }, () =>
      generateKeyPairSync('rsa', {
        modulusLength: 2048,
        publicKeyEncoding: { type: 'spki', format: 'der' },
        privateKeyEncoding: { type: 'pkcs8', format: 'der' },
      }),
    )
    const pairs = real.map(({ publicKey, privateKey }): KeyPair => ({ spkiDer: publicKey, pkcs8Der: privateKey }))
    let generated = 0
    const pool = openKeyPool({ size: 2, idleBelow: 2, generate: async () => pairs[generated++] ?? assert.fail('one key too many') })
    await until(() => pool.stock() === 2)
    const advancer = createAdvancer({ ...test.services, keyPool: pool })
    test.world.look = () => Promise.resolve(proven)
    try {
      for (const [index, domain] of ['a.example.com', 'b.example.com'].entries()) {
        const { id } = await place(test, { domain, keyAlgorithm: 'RSA_2048' })
        await advancer.advance(id, AbortSignal.timeout(10_000))
        const order = await findOrderOfAnyAccount(test.services.db.read, id)
        assert.equal(order?.state, 'issued')
        const certificate = await test.services.db.read
          .selectFrom('certificates')
          .select('der')
          .where('id', '=', order.certificate_id ?? 0)
          .executeTakeFirstOrThrow()
        const { spkiDer, pkcs8Der } = pairs[index] ?? assert.fail()
        assert.ok(Buffer.from(certificate.der).includes(spkiDer))
        assert.ok(pkcs8Der.every((octet) => octet === 0))
      }
      assert.equal(generated <= 3, true)
      assert.deepEqual(test.faults, [])
    } finally {
      await advancer.stop()
      pool.stop()
    }
  })
})
