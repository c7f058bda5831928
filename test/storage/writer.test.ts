import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Member, Outcome } from '../../src/storage/group.ts'
import { createWriter } from '../../src/storage/writer.ts'
import { engines } from '../support/engines.ts'
import { putCounter } from './test-writes.ts'

for (const engine of engines) {
  describe(`the queue of writes on ${engine.name}`, () => {
    it('is bounded: what comes when it is full is refused at once as serviceUnavailable, the rest is done', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open({ queueLimit: 10 })
      const outcomes = await Promise.allSettled(
        Array.from({ length: 15 }, (_, index) => db.write.runStatements({ statements: [putCounter(`c${index}`)] })),
      )
      const refused = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [(outcome.reason as { problem?: string }).problem] : [],
      )
      assert.deepEqual(
        refused,
        Array.from({ length: 5 }, () => 'serviceUnavailable'),
      )
      assert.deepEqual(await place.query('select count(*) as count from counters'), [{ count: 10 }])
      await db.write.runStatements({ statements: [putCounter('later')] })
    })

    it('tells how many writes wait or run', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      assert.equal(db.pendingWrites(), 0)
      const work = Array.from({ length: 70 }, (_, index) => db.write.runStatements({ statements: [putCounter(`c${index}`)] }))
      assert.equal(db.pendingWrites(), 70)
      await work[0]
      assert.ok(db.pendingWrites() <= 6, String(db.pendingWrites()))
      await Promise.all(work)
      assert.equal(db.pendingWrites(), 0)
    })

    it('is emptied by close: what was accepted is done, what comes afterwards is refused', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      const accepted = Array.from({ length: 200 }, (_, index) => db.write.runStatements({ statements: [putCounter(`c${index}`)] }))
      const closed = db.close()
      await assert.rejects(db.write.runStatements({ statements: [putCounter('late')] }), { problem: 'serviceUnavailable' })
      await Promise.all([closed, ...accepted])
      const again = await place.open()
      assert.deepEqual(
        { ...(await again.read.selectFrom('counters').select(again.read.fn.countAll<number>().as('count')).executeTakeFirst()) },
        { count: 200 },
      )
    })

    it('can be closed as soon as it is open', async (t) => {
      const place = await engine.createPlace(t)
      for (let round = 0; round < 3; round++) await (await place.open()).close()
      await place.open()
    })

    it('tells its observer of groups, and how each write ended', async (t) => {
      const seen: unknown[] = []
      const place = await engine.createPlace(t)
      const observer = {
        onGroup: (size: number, ms: number) => void seen.push(['group', size, ms > 0]),
        onWrite: (name: string, outcome: string) => void seen.push([name, outcome]),
      }
      const db = await place.open({ observer })
      await Promise.allSettled([
        db.write.runStatements({ statements: [] }),
        db.write.refuseAfter({ statements: [] }),
        db.write.runStatements({ statements: [putCounter('a'), putCounter('a')] }),
        db.write.breakAfter({ statements: [] }),
      ])
      assert.deepEqual(seen, [
        ['runStatements', 'done'],
        ['refuseAfter', 'problem'],
        ['runStatements', 'constraint'],
        ['breakAfter', 'bug'],
        ['group', 4, true],
      ])
    })
  })
}

describe('the writer', () => {
  const done = (value: unknown): Outcome => ({ kind: 'done', value, channels: [] })

  it('never runs two groups at once', async () => {
    let running = 0
    const sizes: number[] = []
    const writer = createWriter(
      {
        async runGroup(members: readonly Member[]) {
          assert.equal(++running, 1)
          sizes.push(members.length)
          await new Promise((resolve) => setTimeout(resolve, 2))
          running--
          return members.map(({ input }) => done(input))
        },
      },
      { queueLimit: 1_000, onCommit: () => {} },
    )
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        await new Promise((resolve) => setTimeout(resolve, index % 10))
        return await writer.submit('x', index)
      }),
    )
    assert.deepEqual(
      answers,
      Array.from({ length: 50 }, (_, index) => index),
    )
    assert.ok(sizes.length > 1)
  })

  it('refuses the members of a group that the engine refused whole, and goes on with the next', async () => {
    let calls = 0
    const writer = createWriter(
      { runGroup: (members) => (calls++ === 0 ? Promise.reject(new Error('lost')) : Promise.resolve(members.map(() => done(1)))) },
      { queueLimit: 1_000, onCommit: () => {} },
    )
    const outcomes = await Promise.allSettled(Array.from({ length: 70 }, () => writer.submit('x', 0)))
    assert.deepEqual([outcomes.filter(({ status }) => status === 'rejected').length, calls], [64, 2])
  })

  it('calls listeners after the commit and before the replies', async () => {
    const order: string[] = []
    const writer = createWriter(
      { runGroup: (members) => Promise.resolve(members.map((): Outcome => ({ kind: 'done', value: 1, channels: ['a', 'b'] }))) },
      { queueLimit: 10, onCommit: (channels) => order.push([...channels].join()) },
    )
    await Promise.all([1, 2].map((n) => writer.submit('x', n).then(() => order.push(`reply ${n}`))))
    assert.deepEqual(order, ['a,b', 'reply 1', 'reply 2'])
  })
})
