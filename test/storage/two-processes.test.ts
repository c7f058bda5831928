import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { placeOrder } from '../../src/orders/place-order.ts'
import { auditPlans } from '../../src/plans/audit-plans.ts'
import { buyPlan } from '../../src/plans/buy-plan.ts'
import type { CreateInstallationInput } from '../../src/installation/create-installation.tx.ts'
import { ConstraintError } from '../../src/storage/errors.ts'
import { engines, sharedEngines, type TestDatabase } from '../support/engines.ts'
import { holdLock } from '../support/hold-lock.ts'
import { createTenant, orderOf, purchaseOf, serve, testNow } from './tenant.ts'
import { putCounter, type Statement } from './test-writes.ts'

/** Who asked for more than there is. */
function problemsOf(outcomes: readonly PromiseSettledResult<unknown>[]): (string | undefined)[] {
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [(outcome.reason as { problem?: string }).problem] : []))
}

function addTo(names: readonly string[]): readonly Statement[] {
  return names.map((name) => ['update counters set next = next + 1 where name = ?', name] as const)
}

for (const engine of engines) {
  describe(`two processes at once on ${engine.name}`, () => {
    it('never give more than a plan holds, nor an id twice', async (t) => {
      const place = await engine.createPlace(t)
      const pair = await place.openPair()
      const caller = await createTenant(pair[0])
      await buyPlan(serve(pair[0]), purchaseOf(caller, 20))
      const outcomes = await Promise.allSettled(
        Array.from({ length: 60 }, (_, index) => placeOrder(serve(pair[index % 2 === 0 ? 0 : 1]), orderOf(caller))),
      )
      assert.deepEqual(
        problemsOf(outcomes),
        Array.from({ length: 40 }, () => 'notRemainCount'),
      )
      const ids = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.orderId] : []))
      assert.equal(new Set(ids).size, 20)
      assert.deepEqual(await place.query('select total, used, issued from plans'), [{ total: 20, used: 20, issued: 0 }])
      assert.deepEqual(await place.query(`select count(*) as count from ledger_entries where kind = 'reserve'`), [{ count: 20 }])
      const audit = await auditPlans(pair[1].read)
      assert.deepEqual([audit.differences, audit.orders], [[], []])
    })

    it('go on to the next plan when one is found empty, until the last unit of the last one', async (t) => {
      const place = await engine.createPlace(t)
      const pair = await place.openPair()
      const caller = await createTenant(pair[0])
      for (let index = 0; index < 5; index++)
        await buyPlan(
          serve(pair[0], () => testNow + index),
          purchaseOf(caller, 6),
        )
      const outcomes = await Promise.allSettled(
        Array.from({ length: 50 }, (_, index) => placeOrder(serve(pair[index % 2 === 0 ? 0 : 1]), orderOf(caller))),
      )
      assert.deepEqual(
        problemsOf(outcomes),
        Array.from({ length: 20 }, () => 'notRemainCount'),
      )
      assert.deepEqual(
        await place.query('select used from plans order by valid_until'),
        Array.from({ length: 5 }, () => ({ used: 6 })),
      )
    })

    it('take the plan that ends first', async (t) => {
      const place = await engine.createPlace(t)
      const [db] = await place.openPair()
      const caller = await createTenant(db)
      for (const later of [5, 1, 3])
        await buyPlan(
          serve(db, () => testNow + later),
          purchaseOf(caller, 1),
        )
      const used: unknown[] = []
      for (let round = 0; round < 3; round++) {
        await placeOrder(serve(db), orderOf(caller))
        used.push((await place.query('select used from plans order by valid_until')).map(({ used }) => used).join(''))
      }
      assert.deepEqual(used, ['100', '110', '111'])
    })

    it('create one installation, whoever is first, 50 times', async (t) => {
      const place = await engine.createPlace(t)
      const pair = await place.openPair()
      for (let round = 0; round < 50; round++) {
        const inputs = await Promise.all(pair.map((db, index) => installationOf(db, round * 2 + index)))
        const outcomes = await Promise.allSettled(pair.map((db, index) => db.write.createInstallation(inputs[index] ?? assert.fail())))
        const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
        assert.equal(lost.length, 1)
        assert.ok(lost[0] instanceof ConstraintError && lost[0].constraint === 'installation_pkey', String(lost[0]))
        const winner = outcomes.findIndex(({ status }) => status === 'fulfilled')
        const accountId = inputs[winner]?.accountId
        // Nothing of the loser's is left in any table.
        const counts = ['accounts', 'access_keys', 'plans', 'ledger_entries', 'events', 'issuers', 'crls']
        const rows = await place.query(
          `select root_account_id, ${counts.map((table) => `(select count(*) from ${table}) as ${table}`).join(', ')} from installation`,
        )
        const one = { accounts: 1, access_keys: 1, plans: 1, ledger_entries: 1, events: 1 }
        assert.deepEqual(rows, [{ root_account_id: accountId, ...one, issuers: 2, crls: 2 }])
        const tables = [
          'events',
          'crls',
          'issuers where parent_id is not null',
          'issuers',
          'ledger_entries',
          'plans',
          'access_keys',
          'accounts',
        ]
        await pair[0].write.runStatements({ statements: [...tables, 'installation'].map((table) => [`delete from ${table}`] as const) })
      }
    })

    it('hear of each other: a listener is called after the commit of either process', async (t) => {
      const place = await engine.createPlace(t)
      const pair = await place.openPair()
      await listening(pair)
      for (const writer of pair) {
        for (const reader of pair) {
          const heard = new Promise<unknown>((resolve) => {
            const stop = reader.onNotify('news', () => {
              stop()
              resolve(reader.read.selectFrom('counters').selectAll().execute())
            })
          })
          await writer.write.runStatements({ statements: [['delete from counters'], putCounter('told')], channel: 'news' })
          assert.equal(((await heard) as unknown[]).length, 1)
        }
      }
    })

    it('call a listener once for a group of the own process, not once a write, and not after it stopped', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      await listening([db])
      let heard = 0
      const stop = db.onNotify('news', () => heard++)
      await Promise.all(
        Array.from({ length: 40 }, (_, index) => db.write.runStatements({ statements: [putCounter(`c${index}`)], channel: 'news' })),
      )
      await settle()
      // On PostgreSQL the process hears its own group once more through the server.
      assert.ok(heard === 1 || (engine.name === 'postgres' && heard === 2), String(heard))
      stop()
      await db.write.runStatements({ statements: [putCounter('later')], channel: 'news' })
      await settle()
      assert.ok(heard <= 2)
    })
  })
}

for (const engine of sharedEngines) {
  describe(`lock orders that deadlock on ${engine.name}`, () => {
    it('are undone and repeated member by member: every write of both processes happens once', async (t) => {
      const place = await engine.createPlace(t)
      const counts = { groups: 0, attempts: 0 }
      const pair = await place.openPair(counting(counts))
      await pair[0].write.runStatements({ statements: [putCounter('a', 0), putCounter('b', 0), putCounter('middle', 0)] })
      await pair[1].write.runStatements({ statements: [['select 1']] })
      // Each process has locked its first row and stops at the one in the middle; then each wants what the other has.
      const middle = await holdLock(place.databaseUrl ?? '', `select 1 from counters where name = 'middle' for update`)
      const work = Promise.all(
        Array.from({ length: 25 }, () => [
          pair[0].write.runStatements({ statements: addTo(['a', 'middle', 'b']) }),
          pair[1].write.runStatements({ statements: addTo(['b', 'middle', 'a']) }),
        ]).flat(),
      )
      await middle.waiters(2)
      await middle.release()
      await work
      assert.ok(counts.attempts > counts.groups, 'there was no deadlock')
      assert.deepEqual(await place.query('select name, next from counters order by name'), [
        { name: 'a', next: 50 },
        { name: 'b', next: 50 },
        { name: 'middle', next: 50 },
      ])
    })

    it('do not arise on plans: groups lock them in key order first', async (t) => {
      const place = await engine.createPlace(t)
      const counts = { groups: 0, attempts: 0 }
      const pair = await place.openPair(counting(counts))
      const caller = await createTenant(pair[0])
      const products = ['digicert-free-1-free', 'geotrust-dv-1-starter', 'globalsign-dv-1-personal']
      const plans: number[] = []
      for (const productCode of products) plans.push((await buyPlan(serve(pair[0]), purchaseOf(caller, 200, { productCode }))).planId)
      const placeAll = (db: TestDatabase, order: readonly string[]) =>
        Promise.all(order.map((productCode) => placeOrder(serve(db), orderOf(caller, { productCode }))))
      await Promise.all(pair.map((db) => placeAll(db, products)))
      // Both processes stop at the plan in the middle. Had each taken its first one by then, they would wait for one another.
      const middle = await holdLock(place.databaseUrl ?? '', `select 1 from plans where id = ${plans[1]} for update`)
      const work = Promise.all([placeAll(pair[0], products), placeAll(pair[1], products.toReversed())])
      await middle.waiters(2)
      await middle.release()
      await work
      assert.equal(counts.attempts, counts.groups)
      assert.deepEqual(await place.query('select used from plans'), [{ used: 4 }, { used: 4 }, { used: 4 }])
    })

    it('let one piece of work run at a time, in whatever process it is', async (t) => {
      const place = await engine.createPlace(t)
      const pair = await place.openPair()
      let inside = 0
      let most = 0
      await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          pair[index % 2 === 0 ? 0 : 1].alone(async () => {
            most = Math.max(most, ++inside)
            await new Promise((resolve) => setTimeout(resolve, 5))
            inside--
          }),
        ),
      )
      assert.equal(most, 1)
      await assert.rejects(
        pair[0].alone(() => Promise.reject(new Error('the work failed'))),
        /the work failed/,
      )
      assert.equal(await pair[1].alone(() => Promise.resolve('free again')), 'free again')
    })

    it('tell the time of the database, not of the process', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open({ clock: () => 5 })
      assert.ok(Math.abs((await db.now()) - Date.now()) < 10_000)
    })
  })
}

/** Counts groups and how often they had to start. */
function counting(counts: { groups: number; attempts: number }) {
  return {
    observer: { onGroup: () => void counts.groups++, onWrite: () => {} },
    onFlight: (flight: string) => void (flight === 'statements' && counts.attempts++),
  }
}

async function installationOf(db: TestDatabase, seed: number): Promise<CreateInstallationInput> {
  const octets = Uint8Array.of(seed)
  return {
    now: testNow,
    masterKeyId: `m${seed}`,
    keyCheck: 'check',
    emulator: false,
    accountId: 2_000_000_000_000_000 + seed,
    principal: 'root',
    accessKeyId: `key-${seed}`,
    secretSealed: octets,
    plans: [
      {
        id: await db.nextId('plans'),
        ledgerEntryId: await db.nextId('ledger_entries'),
        productCode: 'p',
        units: 20,
        validUntil: testNow + 1,
      },
    ],
    eventId: await db.nextId('events'),
    root: { id: `root-${seed}`, certificate: octets, crl: octets, crlNextUpdate: testNow + 1 },
    intermediate: { id: `ca-${seed}`, certificate: octets, keySealed: octets },
    pkiUrl: null,
  }
}

/** A notice that comes before a process listens is lost: waits until both do. */
async function listening(pair: readonly TestDatabase[]): Promise<void> {
  for (const db of pair) {
    await new Promise<void>((resolve) => {
      const again = setInterval(() => void pair[0]?.write.runStatements({ statements: [['select 1']], channel: 'ready' }), 20)
      let heard = 0
      const stop = db.onNotify('ready', () => {
        // The first is the process's own; the second came through the server.
        if (db.engine === 'postgres' && ++heard < 2) return
        clearInterval(again)
        stop()
        resolve()
      })
    })
  }
  await settle()
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 60))
}
