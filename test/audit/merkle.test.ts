import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createRootBuilder, hashLeaf, inclusionPath } from '../../src/audit/merkle.ts'
import { appendLeaves, createRangeHash, type FindTile, TILE_WIDTH } from '../../src/audit/tiles.ts'
import { rootByPath, treeHash } from './rfc6962.ts'

const leavesOf = (size: number) => Array.from({ length: size }, (_, index) => Buffer.from(`entry ${index}`))

async function storeTiles(batches: readonly number[]): Promise<{ find: FindTile; size: number }> {
  const tiles = new Map<string, Uint8Array>()
  const find: FindTile = async (level, index) => tiles.get(`${level}/${index}`)
  let size = 0
  for (const batch of batches) {
    const added = leavesOf(size + batch)
      .slice(size)
      .map(hashLeaf)
    for (const { level, index, hashes } of await appendLeaves(size, added, find)) tiles.set(`${level}/${index}`, hashes)
    size += batch
  }
  return { find, size }
}

describe('the Merkle tree of the log', () => {
  it('has the roots of RFC 6962, for every size from 0 to 600', () => {
    const builder = createRootBuilder()
    const leaves = leavesOf(600)
    for (let size = 0; size <= 600; size++) {
      assert.deepEqual(Buffer.from(builder.root()), Buffer.from(treeHash(leaves.slice(0, size))), String(size))
      builder.add(hashLeaf(leaves[size] ?? Buffer.from('one more')))
    }
  })

  it('is the same by its tiles, whatever the batches, and proves every leaf', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 330 }), { minLength: 1, maxLength: 5 }), fc.nat(), async (batches, pick) => {
        const { find, size } = await storeTiles(batches)
        const leaves = leavesOf(size)
        const root = treeHash(leaves)
        const rangeHash = createRangeHash(find)
        assert.deepEqual(Buffer.from(await rangeHash(0, size)), Buffer.from(root))
        const index = pick % size
        const path = await inclusionPath(index, size, rangeHash)
        assert.deepEqual(Buffer.from(rootByPath(index, size, leaves[index] ?? Buffer.alloc(0), path)), Buffer.from(root))
      }),
      { numRuns: 30 },
    )
  })

  it('has tiles as C2SP tlog-tiles has them: 256 hashes, and the roots of full ones a level up', async () => {
    const { find } = await storeTiles([TILE_WIDTH * 2 + 3])
    const lowest = await find(0, 0)
    assert.equal(lowest?.length, TILE_WIDTH * 32)
    assert.deepEqual(Buffer.from((await find(1, 0)) ?? []).subarray(0, 32), Buffer.from(treeHash(leavesOf(TILE_WIDTH))))
    assert.equal((await find(1, 0))?.length, 64)
    assert.equal((await find(0, 2))?.length, 3 * 32)
    assert.equal(await find(2, 0), undefined)
  })
})
