import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it, type TestContext } from 'node:test'
import { DatabaseFatalError, DatabaseUnusableError } from '../../src/storage/errors.ts'
import { fileEngines, type TestDatabase, type TestPlace } from '../support/engines.ts'
import { putCounter, type Statement } from './test-writes.ts'

const bigRow = (name: string): Statement => [`insert into counters (name, next) values (? || hex(zeroblob(50000)), 1)`, name]

/** Counters that were acknowledged, whatever happened to the others. */
async function keepAcknowledged(db: TestDatabase, writes: readonly (readonly [name: string, statement: Statement])[]): Promise<string[]> {
  const outcomes = await Promise.allSettled(writes.map(([, statement]) => db.write.runStatements({ statements: [statement] })))
  return writes.flatMap(([name], index) => (outcomes[index]?.status === 'fulfilled' ? [name] : []))
}

/** The counters by their short names. */
async function stored(place: TestPlace): Promise<unknown[]> {
  return (await place.query(`select rtrim(name, '0') as name from counters order by 1`)).map(({ name }) => name)
}

async function openWatched(place: TestPlace): Promise<{ db: TestDatabase; fatal: DatabaseFatalError[] }> {
  const fatal: DatabaseFatalError[] = []
  return { db: await place.open({ onFatal: (error) => fatal.push(error) }), fatal }
}

for (const engine of fileEngines) {
  describe(`a full disk under ${engine.name}`, () => {
    it('refuses all members of the group that it undid, ends the process, and loses nothing acknowledged', async (t) => {
      const place = await engine.createPlace(t)
      const { db, fatal } = await openWatched(place)
      const kept = await keepAcknowledged(db, [
        ['a', putCounter('a')],
        ['b', putCounter('b')],
      ])
      const [row] = await place.query('pragma page_count')
      // The engine itself refuses to grow the file, as it does when the disk is full, and undoes the transaction by itself.
      await db.write.runStatements({ statements: [[`pragma max_page_count = ${Number(row?.['page_count']) + 20}`]] })
      const group = await keepAcknowledged(db, [
        ['c', putCounter('c')],
        ['d', bigRow('d')],
        ['e', bigRow('e')],
        ['f', putCounter('f')],
      ])
      assert.deepEqual(group, [])
      assert.equal(fatal.length, 1)
      assert.ok(fatal[0] instanceof DatabaseFatalError)
      assert.match(fatal[0].message, /the writer stopped: .*full/s)
      // The process is about to end: nothing is accepted any more, and nobody waits without end.
      await assert.rejects(db.write.runStatements({ statements: [putCounter('g')] }), { name: 'DatabaseFatalError' })
      assert.equal(fatal.length, 1)
      await db.close()

      const again = await place.open()
      assert.deepEqual(kept, ['a', 'b'])
      assert.deepEqual(await stored(place), kept)
      await again.write.runStatements({ statements: [bigRow('h')] })
      assert.deepEqual(await stored(place), [...kept, 'h'])
      assert.deepEqual(await place.query('pragma integrity_check'), [{ integrity_check: 'ok' }])
    })

    it('refuses what waits behind the lost group too', async (t) => {
      const place = await engine.createPlace(t)
      const { db, fatal } = await openWatched(place)
      const [row] = await place.query('pragma page_count')
      await db.write.runStatements({ statements: [[`pragma max_page_count = ${Number(row?.['page_count']) + 5}`]] })
      const acknowledged = await keepAcknowledged(
        db,
        Array.from({ length: 200 }, (_, index) => [`n${index}`, index === 70 ? bigRow(`n${index}`) : putCounter(`n${index}`)] as const),
      )
      // The first 64 were a group of their own.
      assert.deepEqual(
        acknowledged,
        Array.from({ length: 64 }, (_, index) => `n${index}`),
      )
      assert.equal(fatal.length, 1)
      await db.close()
      await place.open()
      assert.equal((await stored(place)).length, 64)
    })
  })

  describe(`a commit that fails under ${engine.name}`, () => {
    it('refuses all members and ends the process', async (t) => {
      const place = await engine.createPlace(t)
      const { db, fatal } = await openWatched(place)
      const outcomes = await Promise.allSettled([
        db.write.runStatements({ statements: [putCounter('a')] }),
        // Put off to the commit, a missing parent makes a real COMMIT fail.
        db.write.runStatements({
          statements: [['pragma defer_foreign_keys = on'], [`insert into crls (issuer_id, shard, number) values ('nobody', 0, 0)`]],
        }),
        db.write.runStatements({ statements: [putCounter('b')] }),
      ])
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['rejected', 'rejected', 'rejected'],
      )
      assert.equal(fatal.length, 1)
      await db.close()
      await place.open()
      assert.deepEqual(await stored(place), [])
    })
  })

  describe(`the data folder under ${engine.name}`, () => {
    it('is refused to a second process while the first one lives, and free when that one is killed', async (t) => {
      const place = await engine.createPlace(t)
      const holder = await startHolder(t, place.folder)
      assert.equal(holder.line, 'holds it')
      await assert.rejects(place.open(), (error) => {
        assert.ok(error instanceof DatabaseUnusableError)
        assert.equal(error.message, `another process uses the data folder ${place.folder}: stop it first, or choose another CHANCERY_DATA`)
        return true
      })
      assert.match((await startHolder(t, place.folder)).line, /^DatabaseUnusableError: another process uses the data folder/)

      holder.child.kill('SIGKILL')
      await once(holder.child, 'exit')
      await place.open()
      assert.deepEqual(await stored(place), ['acknowledged'])
      // The other way round: this process holds it now.
      assert.match((await startHolder(t, place.folder)).line, /^DatabaseUnusableError: another process uses the data folder/)
    })

    it('lets others read the database file while the process writes', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      await db.write.runStatements({ statements: [putCounter('a')] })
      assert.deepEqual(await stored(place), ['a'])
    })

    it('is for its owner only, and holds a checkpointed file after a clean stop', async (t) => {
      const place = await engine.createPlace(t)
      const folder = join(place.folder, 'made')
      const db = await place.open({ folder })
      assert.equal(statSync(folder).mode & 0o777, 0o700)
      await db.write.runStatements({ statements: [putCounter('a')] })
      await db.close()
      assert.throws(() => statSync(join(folder, 'chancery.db-wal')), { code: 'ENOENT' })
    })

    it('keeps each acknowledged write with a flush to the disk, and foreign keys on', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      const rows = await db.write.runStatements({ statements: [['pragma synchronous'], ['pragma journal_mode'], ['pragma foreign_keys']] })
      assert.deepEqual(
        rows.flat().map((row) => ({ ...row })),
        [{ synchronous: 2 }, { journal_mode: 'wal' }, { foreign_keys: 1 }],
      )
    })

    it('cannot be written through the reader', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      await assert.rejects(db.read.insertInto('counters').values({ name: 'a', next: 1 }).execute(), /readonly/)
    })
  })
}

/** A process on the folder, and the first line that it says. */
async function startHolder(t: TestContext, folder: string): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'hold-folder.ts'), folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, line }
}
