import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { openPostgresReplayGuard, openReplayFloor, sweepNonces } from '../../src/ram/postgres-replay-guard.ts'
import type { ReplayGuard } from '../../src/ram/replay-guard.ts'
import { createPlace, queryPostgres, sharedEngines } from '../support/engines.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'

const WINDOW_MS = 15 * 60_000

const use = (guard: ReplayGuard, nonce: string, timestampMs: number, scope = 'key') =>
  guard.use({ scope, nonce, timestampMs, expiresAtMs: timestampMs + WINDOW_MS })

for (const engine of sharedEngines) {
  describe(`the replay guard on ${engine.name}`, () => {
    it('is shared by all processes: a nonce is fresh once, wherever it comes first', async (t) => {
      const pair = await (await engine.createPlace(t)).openPair()
      await openReplayFloor(pair[0].read)
      const guards = pair.map((db) => openPostgresReplayGuard(db.read))
      const now = Date.now()
      for (let round = 0; round < 50; round++) {
        const answers = await Promise.all([...guards, ...guards].map((guard) => use(guard, `n${round}`, now)))
        assert.deepEqual(answers.toSorted(), ['fresh', 'used', 'used', 'used'])
      }
      const [first, second] = await Promise.all(guards.map((guard, index) => use(guard, 'n', now, `key ${index}`)))
      assert.deepEqual([first, second], ['fresh', 'fresh'])
    })

    it('accepts requests of any date in a new database', async (t) => {
      const db = await (await engine.createPlace(t)).open()
      await openReplayFloor(db.read)
      assert.equal(await use(openPostgresReplayGuard(db.read), 'n', Date.now() - WINDOW_MS), 'fresh')
    })

    it('lets processes open the floor twice, which changes nothing', async (t) => {
      const pair = await (await engine.createPlace(t)).openPair()
      await Promise.all(pair.map((db) => openReplayFloor(db.read)))
      await openReplayFloor(pair[1].read)
      assert.equal(await use(openPostgresReplayGuard(pair[0].read), 'n', 1), 'fresh')
    })

    it('refuses where the floor is missing whatever is dated up to the present second', async (t) => {
      const pair = await (await engine.createPlace(t)).openPair()
      const guards = pair.map((db) => openPostgresReplayGuard(db.read))
      const now = await pair[0].now()
      const answers = await Promise.all(guards.map((guard, index) => use(guard, `old ${index}`, now - 1_000)))
      assert.deepEqual(answers, ['beforeStart', 'beforeStart'])
      const later = Math.floor(now / 1_000) * 1_000 + 5_000
      assert.deepEqual(await Promise.all(guards.map((guard) => use(guard, 'new', later))).then((all) => all.toSorted()), ['fresh', 'used'])
      assert.equal(await use(guards[1] ?? assert.fail(), 'old 0', now - 1_000), 'beforeStart')
    })

    it('forgets nonces whose requests would be refused for their age, and no others', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      await openReplayFloor(db.read)
      const guard = openPostgresReplayGuard(db.read)
      const now = Date.now()
      await use(guard, 'old', now)
      await use(guard, 'young', now + 5_000)
      // More than one batch of the sweep.
      await place.query(`insert into replay_nonces select 'many', n::text, 1 from generate_series(1, 12000) n`)
      await sweepNonces(db.read, now + WINDOW_MS + 1)
      assert.deepEqual(await place.query('select nonce from replay_nonces union all select nonce from replay_ahead'), [{ nonce: 'young' }])
      assert.equal(await use(guard, 'young', now + 5_000), 'used')
    })
  })

  describe(`the replay guard when the ${engine.name} server`, () => {
    let server: TestPostgres
    before(async () => {
      const bin = process.env['TEST_POSTGRES_BIN'] ?? ''
      server = await startPostgres(bin === '' ? {} : { bin })
    })
    after(() => server.stop())

    it('is restarted cleanly remembers everything', async (t) => {
      const url = await server.createDatabase()
      const db = await createPlace(t, url, (_, sql) => queryPostgres(url, sql)).open()
      await openReplayFloor(db.read)
      const guard = openPostgresReplayGuard(db.read)
      const now = Date.now()
      assert.equal(await use(guard, 'n', now), 'fresh')
      await server.restart()
      assert.equal(await retry(() => use(guard, 'n', now)), 'used')
      assert.equal(await use(guard, 'm', now - 60_000), 'fresh')
    })

    it('is killed refuses what is dated before, in every process, and takes what is newer', async (t) => {
      const url = await server.createDatabase()
      const pair = await createPlace(t, url, (_, sql) => queryPostgres(url, sql)).openPair()
      await openReplayFloor(pair[0].read)
      const guards = pair.map((db) => openPostgresReplayGuard(db.read))
      const [first, second] = [guards[0] ?? assert.fail(), guards[1] ?? assert.fail()]
      const served = await pair[0].now()
      assert.equal(await use(first, 'served', served), 'fresh')
      // Dated ahead: newer than any start that follows, so this one must not be forgotten.
      assert.equal(await use(first, 'ahead', served + 600_000), 'fresh')
      server.kill()
      await server.restart()
      // Nobody knows any more that it was served.
      assert.equal(await retry(() => use(second, 'served', served)), 'beforeStart')
      assert.equal(await retry(() => use(first, 'never seen', served)), 'beforeStart')
      assert.equal(await use(first, 'ahead', served + 600_000), 'used')
      assert.equal(await use(second, 'ahead', served + 600_000), 'used')
      assert.equal(await use(second, 'new and ahead', served + 600_000), 'fresh')
      // A process that starts now does not open the floor of a database that is not new.
      const later = (await pair[1].now()) + 2_000
      assert.equal(await use(first, 'new', later), 'fresh')
      assert.equal(await use(second, 'new', later), 'used')
      assert.equal(await use(second, 'served', served), 'beforeStart')
    })
  })
}

/** The first use of a connection that the server cut fails; the pool then makes another. */
async function retry<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries === 20) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
