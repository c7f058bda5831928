import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createIdBlocks } from '../../src/storage/id-blocks.ts'
import { ID_BLOCK } from '../../src/storage/take-ids.tx.ts'
import { engines } from '../support/engines.ts'

for (const engine of engines) {
  describe(`ids on ${engine.name}`, () => {
    it('are never given twice by two processes, and grow within each', async (t) => {
      const place = await engine.createPlace(t)
      const pair = await place.openPair()
      const taken = await Promise.all(
        pair.map(async (db) => {
          const ids: number[] = []
          for (let index = 0; index < 2.5 * ID_BLOCK; index++) ids.push(await db.nextId('orders'))
          return ids
        }),
      )
      const all = taken.flat()
      assert.equal(new Set(all).size, 5 * ID_BLOCK)
      for (const ids of taken)
        assert.deepEqual(
          ids,
          ids.toSorted((a, b) => a - b),
        )
      assert.ok(all.every((id) => Number.isSafeInteger(id) && id >= 10_000_000))
    })

    it('go on after what an earlier process took, and count each sequence by itself', async (t) => {
      const place = await engine.createPlace(t)
      const first = await place.open()
      assert.equal(await first.nextId('orders'), 10_000_000)
      assert.equal(await first.nextId('orders'), 10_000_001)
      assert.equal(await first.nextId('plans'), 10_000_000)
      await first.close()
      const second = await place.open()
      assert.equal(await second.nextId('orders'), 10_000_000 + ID_BLOCK)
    })

    it('come out of few blocks, however many ask at once', async (t) => {
      const place = await engine.createPlace(t)
      let blocks = 0
      const db = await place.open({ observer: { onGroup: () => {}, onWrite: (name) => void (name === 'takeIds' && blocks++) } })
      const ids = await Promise.all(Array.from({ length: 2 * ID_BLOCK }, () => db.nextId('events')))
      assert.equal(new Set(ids).size, 2 * ID_BLOCK)
      assert.ok(blocks <= 3, `${blocks} blocks for ${ids.length} ids`)
    })
  })
}

describe('blocks of ids', () => {
  it('are asked for again by the next caller when one could not be fetched', async () => {
    let calls = 0
    const nextId = createIdBlocks(() => (calls++ === 0 ? Promise.reject(new Error('no connection')) : Promise.resolve(5_000)))
    await assert.rejects(Promise.all([nextId('orders'), nextId('orders')]), /no connection/)
    assert.deepEqual([await nextId('orders'), await nextId('orders')], [5_000, 5_001])
  })

  it('are fetched ahead, so that nobody waits for the next one', async () => {
    const asked: string[] = []
    const nextId = createIdBlocks((sequence) => Promise.resolve(asked.push(sequence) * ID_BLOCK))
    for (let index = 0; index < ID_BLOCK * 0.7; index++) await nextId('orders')
    assert.equal(asked.length, 1)
    for (let index = 0; index < ID_BLOCK * 0.1; index++) await nextId('orders')
    assert.equal(asked.length, 2)
  })

  it('that cannot be fetched ahead do no harm while the present one lasts', async () => {
    let calls = 0
    const nextId = createIdBlocks(() => (calls++ === 0 ? Promise.resolve(1) : Promise.reject(new Error('no connection'))))
    for (let index = 0; index < ID_BLOCK; index++) assert.equal(await nextId('orders'), index + 1)
    await assert.rejects(nextId('orders'), /no connection/)
  })
})
