import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sql } from 'kysely'
import { prepareRead } from '../../src/storage/prepared-read.ts'
import { engines, plain } from '../support/engines.ts'
import { putCounter } from './test-writes.ts'

for (const engine of engines) {
  describe(`a prepared read on ${engine.name}`, () => {
    it('is built once, and gives the rows of the values of each run', async (t) => {
      const place = await engine.createPlace(t)
      const { read, write } = await place.open()
      await write.runStatements({ statements: [putCounter('one'), putCounter(`it's "two" ?`)] })
      let built = 0
      const readCounter = prepareRead((kysely, { name, below }: { name: string; below: number }) => {
        built += 1
        return kysely.selectFrom('counters').select('name').where('name', '=', name).where('next', '<', below).limit(sql.lit(1))
      })
      const below = Number.MAX_SAFE_INTEGER
      const found = await Promise.all(
        ['one', `it's "two" ?`, 'three', 'one'].map(async (name) => plain(await readCounter(read, { name, below }))),
      )
      assert.deepEqual(found, [[{ name: 'one' }], [{ name: `it's "two" ?` }], [], [{ name: 'one' }]])
      assert.deepEqual(await readCounter(read, { name: 'one', below: -1 }), [])
      assert.equal(built, 1)
    })

    it('sees every write that was answered before it, and is built again for another database', async (t) => {
      let built = 0
      const readNames = prepareRead((kysely, { from }: { from: string }) => {
        built += 1
        return kysely.selectFrom('counters').select('name').where('name', '>=', from).orderBy('name')
      })
      for (const round of [1, 2]) {
        const place = await engine.createPlace(t)
        const { read, write } = await place.open()
        const names = async () => (await readNames(read, { from: '' })).map(({ name }) => name)
        assert.deepEqual(await names(), [])
        for (const name of ['a', 'b', 'c']) {
          await write.runStatements({ statements: [putCounter(name)] })
          assert.ok((await names()).includes(name))
        }
        assert.deepEqual(await names(), ['a', 'b', 'c'])
        assert.equal(built, round)
      }
    })

    it('rejects with the error of the engine', async (t) => {
      const place = await engine.createPlace(t)
      const { read } = await place.open()
      const readNowhere = prepareRead((kysely, { id }: { id: number }) => {
        const query = sql`select x from nowhere where id = ${id}`
        return { compile: () => query.compile(kysely) }
      })
      await assert.rejects(readNowhere(read, { id: 1 }), /nowhere/)
    })
  })
}
