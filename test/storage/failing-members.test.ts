import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Problem } from '../../src/problem.ts'
import { ConstraintError } from '../../src/storage/errors.ts'
import { engines, sharedEngines, type TestDatabase, type TestPlace } from '../support/engines.ts'
import { putCounter, type Statement } from './test-writes.ts'

const badTerm: Statement = [
  `insert into plans (id, account_id, product_code, total, used, issued, valid_from, valid_until, created_at)
   values (1, 1, 'p', 1, 0, 0, 2, 1, 0)`,
]

/** Each fails in its own way, after it has stored the counter of its name. */
const failures: Readonly<Record<string, (db: TestDatabase, name: string) => Promise<unknown>>> = {
  'a broken unique rule': (db, name) => db.write.runStatements({ statements: [putCounter(name), putCounter(name)] }),
  'a broken check': (db, name) => db.write.runStatements({ statements: [putCounter(name), badTerm] }),
  'a missing value': (db, name) => db.write.runStatements({ statements: [putCounter(name), [`insert into counters (name) values ('x')`]] }),
  'a missing parent': (db, name) =>
    db.write.runStatements({
      statements: [putCounter(name), [`insert into crls (issuer_id, shard, number) values ('nobody', 0, 0)`]],
    }),
  'a statement that the engine does not understand': (db, name) =>
    db.write.runStatements({ statements: [putCounter(name), ['insert into nowhere values (1)']] }),
  'a value that no statement takes': (db, name) => db.write.runStatements({ statements: [putCounter(name), ['select ?', true]] }),
  'a Problem after the results': (db, name) => db.write.refuseAfter({ statements: [putCounter(name)] }),
  'a bug after the results': (db, name) => db.write.breakAfter({ statements: [putCounter(name)] }),
  'a bug before the first statement': (db) => db.write.breakBefore({}),
  'an error that it swallowed': (db, name) => db.write.swallow({ statements: [putCounter(name), putCounter(name)] }),
  'an error that it never looked at': (db, name) => db.write.ignore({ statements: [putCounter(name), putCounter(name)] }),
  'a statement after its first await': (db, name) => db.write.comeLate({ statements: [putCounter(name), putCounter(`${name}-late`)] }),
}

async function names(place: TestPlace): Promise<unknown[]> {
  return (await place.query('select name from counters order by name')).map(({ name }) => name)
}

for (const engine of engines) {
  describe(`a failing member on ${engine.name}`, () => {
    it('undoes only itself, in whatever way it fails', async (t) => {
      const groups: number[] = []
      const place = await engine.createPlace(t)
      const db = await place.open({ observer: { onGroup: (size) => groups.push(size), onWrite: () => {} } })
      const put = (name: string) => db.write.runStatements({ statements: [putCounter(name)] })
      for (const [what, fail] of Object.entries(failures)) {
        groups.length = 0
        const outcomes = await Promise.allSettled([put('1'), fail(db, '2'), put('3'), fail(db, '4'), fail(db, '5'), put('6')])
        assert.deepEqual(groups, [6])
        assert.deepEqual(
          outcomes.map(({ status }) => status),
          ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'rejected', 'fulfilled'],
          what,
        )
        assert.deepEqual(await names(place), ['1', '3', '6'], what)
        await db.write.runStatements({ statements: [['delete from counters']] })
      }
    })

    it('of each kind in one group leaves the others alone', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      const work = Object.values(failures).flatMap((fail, index) => [
        fail(db, `bad${index}`).then(
          () => assert.fail('it should have failed'),
          () => {},
        ),
        db.write.runStatements({ statements: [putCounter(`good${String(index).padStart(2, '0')}`)] }),
      ])
      await Promise.all(work)
      const good = Object.keys(failures).map((_, index) => `good${String(index).padStart(2, '0')}`)
      assert.deepEqual(await names(place), good)
    })

    it('that is first, last or the only one of its group fails alike', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      const fail = (name: string) => db.write.refuseAfter({ statements: [putCounter(name)] })
      await assert.rejects(fail('only'), { problem: 'notRemainCount' })
      const outcomes = await Promise.allSettled([fail('first'), db.write.runStatements({ statements: [putCounter('a')] }), fail('last')])
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['rejected', 'fulfilled', 'rejected'],
      )
      assert.deepEqual(await names(place), ['a'])
    })

    it('makes nothing visible to a later member that relies on it', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      const [first, second] = await Promise.allSettled([
        db.write.refuseAfter({ statements: [putCounter('shared')] }),
        db.write.runStatements({ statements: [putCounter('shared', 2)] }),
      ])
      assert.equal(first.status, 'rejected')
      assert.equal(second.status, 'fulfilled')
      assert.deepEqual(await place.query('select * from counters'), [{ name: 'shared', next: 2 }])
    })

    it('rejects with its Problem, name and parameters intact', async (t) => {
      const db = await (await engine.createPlace(t)).open()
      await assert.rejects(db.write.refuseAfter({ statements: [] }), (error) => {
        assert.ok(error instanceof Problem)
        assert.equal(error.problem, 'notRemainCount')
        assert.deepEqual({ ...error.params }, { P: 'a-product' })
        return true
      })
    })

    it('with a bug rejects with a plain error, not with a Problem', async (t) => {
      const db = await (await engine.createPlace(t)).open()
      for (const write of [db.write.breakAfter({ statements: [] }), db.write.breakBefore({})]) {
        await assert.rejects(write, (error) => error instanceof Error && !(error instanceof Problem) && /a planted bug/.test(error.message))
      }
    })

    it('is refused for its first broken statement: what follows from it does not count', async (t) => {
      const db = await (await engine.createPlace(t)).open()
      const duplicate = [putCounter('a'), putCounter('a')]
      const twoFaults = db.write.runStatements({ statements: [...duplicate, badTerm, putCounter('b')] })
      await assert.rejects(twoFaults, { name: 'ConstraintError', kind: 'unique', constraint: 'counters_pkey' })
      const otherWay = db.write.runStatements({ statements: [badTerm, ...duplicate] })
      await assert.rejects(otherWay, { name: 'ConstraintError', kind: 'check', constraint: 'plans_term' })
    })

    it('is refused for the engine error, whatever it makes of it', async (t) => {
      const db = await (await engine.createPlace(t)).open()
      const duplicate = [putCounter('a'), putCounter('a')]
      for (const write of [db.write.mistake, db.write.swallow, db.write.ignore]) {
        await assert.rejects(
          write({ statements: duplicate }),
          (error) => error instanceof ConstraintError && error.constraint === 'counters_pkey',
        )
      }
    })

    it('that issues a statement after its first await is a bug that says so', async (t) => {
      const db = await (await engine.createPlace(t)).open()
      await assert.rejects(
        db.write.comeLate({ statements: [putCounter('a'), putCounter('b')] }),
        /the write comeLate issued a statement after its first await/,
      )
    })

    it('tells nobody of its channels', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      let told = 0
      db.onNotify('news', () => told++)
      await assert.rejects(db.write.refuseAfter({ statements: [putCounter('a')], channel: 'news' }))
      await db.write.runStatements({ statements: [putCounter('b')], channel: 'other' })
      await new Promise((resolve) => setTimeout(resolve, 50))
      assert.equal(told, 0)
    })

    it('does not stop a full group: every second of 64 fails', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      const outcomes = await Promise.allSettled(
        Array.from({ length: 64 }, (_, index) =>
          db.write[index % 2 === 0 ? 'runStatements' : 'refuseAfter']({ statements: [putCounter(String(index).padStart(2, '0'))] }),
        ),
      )
      const even = outcomes.flatMap((_, index) => (index % 2 === 0 ? [String(index).padStart(2, '0')] : []))
      assert.deepEqual(
        outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [String(index).padStart(2, '0')] : [])),
        even,
      )
      assert.deepEqual(await names(place), even)
    })
  })
}

for (const engine of sharedEngines) {
  describe(`a failing commit on ${engine.name}`, () => {
    it('refuses all members, leaves nothing, and does not stop the next group', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      // The service has no such rule: a means to make a real COMMIT fail.
      await place.query(`create table late_rule (id bigint, unique (id) deferrable initially deferred)`)
      const broken = (id: number) =>
        db.write.runStatements({ statements: [['insert into late_rule values (?)', id], putCounter(`c${id}`)] })
      const twice = db.write.runStatements({ statements: [['insert into late_rule values (?), (?)', 1, 1]] })
      const outcomes = await Promise.allSettled([broken(5), twice, broken(6)])
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['rejected', 'rejected', 'rejected'],
      )
      assert.deepEqual(await names(place), [])
      await broken(7)
      assert.deepEqual(await names(place), ['c7'])
    })
  })
}
