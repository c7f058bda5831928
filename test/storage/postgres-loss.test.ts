import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { createPlace, queryPostgres, sharedEngines, type TestPlace } from '../support/engines.ts'
import { putCounter } from './test-writes.ts'

for (const engine of sharedEngines) {
  describe(`a ${engine.name} server that goes away`, () => {
    let server: TestPostgres
    before(async () => {
      const bin = process.env['TEST_POSTGRES_BIN'] ?? ''
      server = await startPostgres(bin === '' ? {} : { bin })
    })
    after(() => server.stop())

    async function createOwnPlace(t: TestContext): Promise<TestPlace> {
      const url = await server.createDatabase()
      return createPlace(t, url, (_, sql) => queryPostgres(url, sql))
    }

    it('makes writes serviceUnavailable until it is back, without a restart of the process', async (t) => {
      const place = await createOwnPlace(t)
      const db = await place.open()
      const acknowledged = new Set<string>()
      const refusals = new Set<unknown>()
      const work = { stopping: false }
      const writing = (async () => {
        for (let index = 0; !work.stopping; index++) {
          const names = Array.from({ length: 5 }, (_, part) => `c${index}-${part}`)
          const outcomes = await Promise.allSettled(names.map((name) => db.write.runStatements({ statements: [putCounter(name)] })))
          outcomes.forEach((outcome, part) => {
            if (outcome.status === 'fulfilled') acknowledged.add(names[part] ?? '')
            else refusals.add((outcome.reason as { problem?: string }).problem ?? outcome.reason)
          })
          await pause(2)
        }
      })()
      await pause(100)
      await server.restart()
      await pause(50)
      server.kill()
      await pause(100)
      await server.restart()
      await until(async () => (await db.write.runStatements({ statements: [putCounter('back')] })).length === 1)
      work.stopping = true
      await writing
      assert.deepEqual([...refusals], ['serviceUnavailable'])
      const stored = new Set((await place.query('select name from counters')).map(({ name }) => String(name)))
      assert.deepEqual(
        [...acknowledged].filter((name) => !stored.has(name)),
        [],
      )
      // Reads are back as well, on new connections.
      assert.ok((await db.read.selectFrom('counters').selectAll().execute()).length >= acknowledged.size)
    })

    it('takes the writer alone: a connection that the server ends is opened again', async (t) => {
      const place = await createOwnPlace(t)
      const db = await place.open()
      await db.write.runStatements({ statements: [putCounter('a')] })
      const end = `select count(pg_terminate_backend(pid)) as count from pg_stat_activity
        where datname = current_database() and application_name = 'chancery writer'`
      assert.deepEqual(await place.query(end), [{ count: 1 }])
      await until(async () => (await db.write.runStatements({ statements: [putCounter('b')] })).length === 1)
      // A group whose own connection is ended from inside: all its members are refused, and none was stored.
      const outcomes = await Promise.allSettled([
        db.write.runStatements({ statements: [putCounter('c')] }),
        db.write.runStatements({ statements: [['select pg_terminate_backend(pg_backend_pid())']] }),
        db.write.runStatements({ statements: [putCounter('d')] }),
      ])
      assert.deepEqual(
        outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as { problem?: string }).problem),
        ['serviceUnavailable', 'serviceUnavailable', 'serviceUnavailable'],
      )
      await db.write.runStatements({ statements: [putCounter('e')] })
      const names = (await place.query('select name from counters order by name')).map(({ name }) => name)
      assert.deepEqual(names, ['a', 'b', 'e'])
    })

    it('does not deafen a process: its listener connects again', async (t) => {
      const place = await createOwnPlace(t)
      const [db, other] = await place.openPair()
      let heard = 0
      other.onNotify('news', () => heard++)
      const tell = () => db.write.runStatements({ statements: [['select 1']], channel: 'news' }).catch(() => {})
      await until(async () => {
        await tell()
        await pause(20)
        return heard > 0
      })
      await server.restart()
      heard = 0
      await until(async () => {
        await tell()
        await pause(20)
        return heard > 0
      })
    })

    it('does not keep a process from stopping', async (t) => {
      const place = await createOwnPlace(t)
      const db = await place.open()
      await db.write.runStatements({ statements: [putCounter('a')] })
      server.kill()
      const late = db.write.runStatements({ statements: [putCounter('b')] })
      const [outcome] = await Promise.all([Promise.allSettled([late]), db.close()])
      await server.restart()
      // The server's process of our connection may outlive its postmaster for a moment, and commit; then the row is there.
      if (outcome[0].status === 'rejected') assert.equal((outcome[0].reason as { problem?: string }).problem, 'serviceUnavailable')
      else assert.deepEqual(await place.query(`select name from counters where name = 'b'`), [{ name: 'b' }])
    })
  })
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Tries again while it fails or says no, for ten seconds at most. */
async function until(attempt: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000
  for (;;) {
    const done = await attempt().catch(() => false)
    if (done) return
    if (performance.now() > deadline) throw new Error('it did not come back in ten seconds')
    await pause(20)
  }
}
