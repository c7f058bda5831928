import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { engines, fileEngines, plain, sharedEngines, type TestDatabase } from '../support/engines.ts'
import { putCounter } from './test-writes.ts'

/** Asks for `count` writes at once. */
async function putMany(db: TestDatabase, count: number, prefix = 'c'): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, index) => db.write.runStatements({ statements: [putCounter(`${prefix}${index}`)] })))
}

for (const engine of engines) {
  describe(`group commit on ${engine.name}`, () => {
    it('gathers writes that arrive together into groups of at most 64', async (t) => {
      const groups: number[] = []
      const place = await engine.createPlace(t)
      const db = await place.open({ observer: { onGroup: (size) => groups.push(size), onWrite: () => {} } })
      await putMany(db, 130)
      assert.deepEqual(groups, [64, 64, 2])
      assert.deepEqual(await place.query('select count(*) as count from counters'), [{ count: 130 }])
    })

    it('lets writes that arrive while a group commits form the next one', async (t) => {
      const groups: number[] = []
      const place = await engine.createPlace(t)
      const db = await place.open({ observer: { onGroup: (size) => groups.push(size), onWrite: () => {} } })
      const first = db.write.runStatements({ statements: [putCounter('first')] })
      // By the next turn but one the first group has left.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
      await Promise.all([first, putMany(db, 10)])
      assert.deepEqual(groups, [1, 10])
    })

    it('answers each member with its own value, in whatever order they were asked', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      const answers = await Promise.all(
        Array.from({ length: 70 }, (_, index) =>
          db.write.runStatements({
            statements: [['insert into counters (name, next) values (?, ?) returning name, next', `n${index}`, index]],
          }),
        ),
      )
      assert.deepEqual(
        answers,
        Array.from({ length: 70 }, (_, index) => [[{ name: `n${index}`, next: index }]]),
      )
    })

    it('lets members of a group see what earlier members did', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      await db.write.runStatements({ statements: [putCounter('hot', 0)] })
      const answers = await Promise.all(
        Array.from({ length: 20 }, () =>
          db.write.runStatements({ statements: [[`update counters set next = next + 1 where name = 'hot' returning next`]] }),
        ),
      )
      assert.deepEqual(
        answers.map(([rows]) => rows?.[0]?.['next']),
        Array.from({ length: 20 }, (_, index) => index + 1),
      )
    })

    it('replies after the commit: another connection and the reader see what was acknowledged', async (t) => {
      const place = await engine.createPlace(t)
      const [db, other] = await place.openPair()
      for (let round = 0; round < 20; round++) {
        await db.write.runStatements({ statements: [putCounter(`r${round}`)] })
        const seen = await Promise.all([
          db.read.selectFrom('counters').selectAll().where('name', '=', `r${round}`).executeTakeFirst(),
          other.read.selectFrom('counters').selectAll().where('name', '=', `r${round}`).executeTakeFirst(),
          place.query(`select * from counters where name = 'r${round}'`).then(([row]) => row),
        ])
        assert.deepEqual(
          plain(seen.map((row) => row ?? {})),
          Array.from({ length: 3 }, () => ({ name: `r${round}`, next: 1 })),
        )
      }
    })

    it('holds a refusal back until the commit of the group whose rows it rests on', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      const neighbour = db.write.runStatements({ statements: [putCounter('neighbour')] })
      let seen: unknown
      await assert.rejects(
        db.write.refuseAfter({ statements: [putCounter('refused')] }).catch(async (error: unknown) => {
          seen = plain(await db.read.selectFrom('counters').select('name').execute())
          throw error
        }),
      )
      assert.deepEqual(seen, [{ name: 'neighbour' }])
      await neighbour
    })
  })
}

for (const engine of fileEngines) {
  describe(`group commit on ${engine.name}`, () => {
    it('writes one commit to the log for each group', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      const log = join(place.folder, 'chancery.db-wal')
      await putMany(db, 1, 'first')
      const before = countCommits(log)
      await putMany(db, 64)
      assert.equal(countCommits(log) - before, 1)
    })
  })
}

for (const engine of sharedEngines) {
  describe(`group commit on ${engine.name}`, () => {
    it('runs a group in one transaction', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      const ids = await Promise.all(
        Array.from({ length: 65 }, (_, index) =>
          db.write.runStatements({ statements: [putCounter(`c${index}`), ['select pg_current_xact_id()::text as id']] }),
        ),
      )
      const transactions = ids.map(([, rows]) => rows?.[0]?.['id'])
      assert.equal(new Set(transactions.slice(0, 64)).size, 1)
      assert.notEqual(transactions[64], transactions[0])
    })

    it('needs at most three flights for a group without failures, however many members and statements', async (t) => {
      const flights: string[] = []
      const place = await engine.createPlace(t)
      const db = await place.open({ onFlight: (flight) => flights.push(flight) })
      await Promise.all(
        Array.from({ length: 64 }, (_, index) =>
          db.write.runStatements({ statements: Array.from({ length: 5 }, (_, part) => putCounter(`c${index}-${part}`)), channel: 'told' }),
        ),
      )
      assert.ok(flights.length <= 3, flights.join(', '))
      assert.deepEqual(flights, ['statements', 'commit'])
    })

    it('needs one more flight for each failure', async (t) => {
      const flights: string[] = []
      const place = await engine.createPlace(t)
      const db = await place.open({ onFlight: (flight) => flights.push(flight) })
      const outcomes = await Promise.allSettled([
        db.write.runStatements({ statements: [putCounter('a')] }),
        db.write.refuseAfter({ statements: [putCounter('b')] }),
        db.write.runStatements({ statements: [putCounter('c')] }),
        db.write.runStatements({ statements: [putCounter('a')] }),
        db.write.runStatements({ statements: [putCounter('d')] }),
      ])
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
      )
      assert.deepEqual(flights, ['statements', 'rerun', 'rerun', 'commit'])
    })

    it('parses a statement once for the life of the connection', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      for (let round = 0; round < 3; round++) await putMany(db, 5, `round${round}-`)
      const [rows] = await db.write.runStatements({
        statements: [[`select statement from pg_prepared_statements where statement like 'insert into counters%'`]],
      })
      assert.deepEqual(rows, [{ statement: 'insert into counters (name, next) values ($1, $2)' }])
    })
  })
}

/** Commit records in a write-ahead log: frames of the present generation that tell the size of the database (https://sqlite.org/fileformat2.html#walformat). */
function countCommits(file: string): number {
  const log = readFileSync(file)
  const pageSize = log.readUInt32BE(8)
  const salt = log.subarray(16, 24)
  let commits = 0
  for (let at = 32; at + 24 + pageSize <= log.length; at += 24 + pageSize) {
    if (salt.equals(log.subarray(at + 8, at + 16)) && log.readUInt32BE(at + 4) !== 0) commits++
  }
  return commits
}
