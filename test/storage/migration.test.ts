import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DatabaseUnusableError } from '../../src/storage/errors.ts'
import { migrations } from '../../src/storage/migrations/index.ts'
import { engines, fileEngines, sharedEngines } from '../support/engines.ts'
import { putCounter } from './test-writes.ts'

const newer = (engine: string) =>
  `insert into kysely_migration (name, timestamp) values ('9999-of-the-future', '2030') ${engine === 'sqlite' ? '' : 'returning name'}`

for (const engine of engines) {
  describe(`migrations on ${engine.name}`, () => {
    it('run once: a second start changes nothing and keeps everything', async (t) => {
      const place = await engine.createPlace(t)
      const first = await place.open()
      await first.write.runStatements({ statements: [putCounter('kept')] })
      await first.close()
      const applied = await place.query('select * from kysely_migration order by name')
      assert.deepEqual(
        applied.map(({ name }) => name),
        migrations.map(({ name }) => name),
      )
      const second = await place.open()
      assert.deepEqual(await place.query('select * from kysely_migration order by name'), applied)
      assert.equal((await second.read.selectFrom('counters').selectAll().execute()).length, 1)
    })

    it('of a newer version make this one refuse to start, and say what to do', async (t) => {
      const place = await engine.createPlace(t)
      await (await place.open()).close()
      await place.query(newer(engine.name))
      await assert.rejects(place.open(), (error) => {
        assert.ok(error instanceof DatabaseUnusableError)
        assert.match(error.message, /newer version \(9999-of-the-future\): start that version, or restore a backup/)
        return true
      })
      // It was left as it is, and nothing holds it.
      await place.query(`delete from kysely_migration where name = '9999-of-the-future'`)
      await place.open()
    })

    it('name every unique rule, check and foreign key: the table of problems knows them by name', async (t) => {
      const place = await engine.createPlace(t)
      await place.open()
      const unnamed = await place.query(
        engine.name === 'postgres'
          ? `select conname as name from pg_constraint join pg_class on pg_class.oid = conrelid
             where pg_class.relnamespace = 'public'::regnamespace and relname not like 'replay_%' and relname not like 'kysely_%'
               and ((contype = 'c' and conname like '%\\_check%') or (contype = 'f' and conname like '%\\_fkey%') or contype = 'u')`
          : `select name from sqlite_schema where type = 'index' and name like 'sqlite_autoindex%'
             and exists (select 1 from pragma_index_list(tbl_name) l where l.name = sqlite_schema.name and l.origin = 'u')`,
      )
      assert.deepEqual(unnamed, [])
    })
  })
}

for (const engine of fileEngines) {
  describe(`tables on ${engine.name}`, () => {
    it('are strict, all of them', async (t) => {
      const place = await engine.createPlace(t)
      await place.open()
      const loose = await place.query(
        `select name from pragma_table_list where schema = 'main' and type = 'table' and strict = 0 and name not like 'sqlite_%' and name not like 'kysely_%'`,
      )
      assert.deepEqual(loose, [])
    })
  })
}

for (const engine of sharedEngines) {
  describe(`migrations on ${engine.name}`, () => {
    it('are done once by processes that start at the same time on an empty database', async (t) => {
      for (let round = 0; round < 4; round++) {
        const place = await engine.createPlace(t)
        const opened = await Promise.all(Array.from({ length: 4 }, () => place.open()))
        assert.deepEqual(await place.query('select count(*) as count from kysely_migration'), [{ count: migrations.length }])
        await Promise.all(opened.map((db, index) => db.write.runStatements({ statements: [putCounter(`p${index}`)] })))
        assert.deepEqual(await place.query('select count(*) as count from counters'), [{ count: 4 }])
        await Promise.all(opened.map((db) => db.close()))
      }
    })
  })
}

describe('a PostgreSQL that does not answer', () => {
  it('is told without the words of its URL', async (t) => {
    const { createPlace } = await import('../support/engines.ts')
    const place = createPlace(t, 'postgres://user:the-password@127.0.0.1:1/db', () => Promise.resolve([]))
    await assert.rejects(place.open(), (error) => {
      assert.ok(error instanceof DatabaseUnusableError)
      assert.match(error.message, /^the PostgreSQL server of DATABASE_URL does not answer: /)
      assert.doesNotMatch(error.message, /the-password/)
      return true
    })
  })
})
