import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Problem } from '../../src/problem.ts'
import { ConstraintError, type ConstraintKind } from '../../src/storage/errors.ts'
import { engines, plain, type TestDatabase } from '../support/engines.ts'
import { putCounter, type Statement } from './test-writes.ts'

const account: Statement = [`insert into accounts (id, name, status, created_at) values (7, 'a', 'active', 0)`]
const plan = (id: number, used = 0, until = 10): Statement => [
  `insert into plans (id, account_id, product_code, total, used, issued, valid_from, valid_until, created_at) values (?, 7, 'p', 2, ?, 0, 0, ?, 0)`,
  id,
  used,
  until,
]
const ledgerEntry = (id: number, key: string, kind = 'grant'): Statement => [
  `insert into ledger_entries (id, plan_id, account_id, kind, units, idempotency_key, at) values (?, 1, 7, ?, 1, ?, 0)`,
  id,
  kind,
  key,
]
const token: Statement = [
  `insert into client_tokens (account_id, principal, action, token, input_sha256, answer, created_at, expires_at)
   values (7, 'p', 'a', 't', 'h', '{}', 0, 1)`,
]
const key = (id: number, spki: string): Statement => [
  `insert into keys (id, account_id, algorithm, spki_sha256, created_at, destroy_at, destroyed_at) values (?, 7, 'ECC_256', ?, 0, 0, 0)`,
  id,
  spki,
]
const tag: Statement = [`insert into tags (account_id, resource_type, resource_id, key, value) values (7, 'order', 1, 'k', 'v')`]

const broken: readonly (readonly [what: string, kind: ConstraintKind, name: string, statements: readonly Statement[]])[] = [
  ['a primary key of one text column', 'unique', 'counters_pkey', [putCounter('a'), putCounter('a')]],
  ['a primary key of one number', 'unique', 'accounts_pkey', [account, account]],
  ['a primary key of several columns', 'unique', 'tags_pkey', [account, tag, tag]],
  ['a unique index', 'unique', 'keys_spki', [account, key(1, 'x'), key(2, 'x')]],
  ['a check over one column', 'check', 'ledger_entries_kind', [account, plan(1), ledgerEntry(1, 'k', 'gift')]],
  ['a check over two columns', 'check', 'plans_term', [account, plan(1, 0, 0)]],
  ['a missing value', 'notNull', 'accounts.name', [[`insert into accounts (id, status, created_at) values (1, 'active', 0)`]]],
  ['a value set to null', 'notNull', 'counters.next', [putCounter('a'), [`update counters set next = null`]]],
]

async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
  } catch (error) {
    return error
  }
  return assert.fail('it should have been refused')
}

for (const engine of engines) {
  describe(`constraints on ${engine.name}`, () => {
    it('come out as (kind, name), the same on both engines', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      for (const [what, kind, name, statements] of broken) {
        const error = await thrownBy(db.write.runStatements({ statements }))
        assert.ok(error instanceof ConstraintError, `${what}: ${String(error)}`)
        assert.deepEqual({ kind: error.kind, name: error.constraint }, { kind, name }, what)
      }
    })

    it('come out as foreignKey: a parent that does not exist', async (t) => {
      const db = await (await engine.createPlace(t)).open()
      const error = await thrownBy(db.write.runStatements({ statements: [plan(1)] }))
      assert.ok(error instanceof ConstraintError, String(error))
      // SQLite does not tell which of a table's foreign keys it was.
      assert.deepEqual([error.kind, error.constraint], ['foreignKey', engine.name === 'sqlite' ? '' : 'plans_account'])
    })

    it('turn into the Problem that the one table names for them', async (t) => {
      const db = await (await engine.createPlace(t)).open()
      await db.write.runStatements({ statements: [account, plan(1, 2), token] })
      const overdrawn = await thrownBy(db.write.runStatements({ statements: [[`update plans set used = used + 1`]] }))
      const underdrawn = await thrownBy(db.write.runStatements({ statements: [[`update plans set used = used - 3`]] }))
      const taken = await thrownBy(db.write.runStatements({ statements: [token] }))
      const countedTwice = await thrownBy(db.write.runStatements({ statements: [ledgerEntry(1, 'k'), ledgerEntry(2, 'k')] }))
      assert.deepEqual(
        [overdrawn, underdrawn, taken, countedTwice].map((error) => error instanceof Problem && error.problem),
        ['planExhausted', 'planExhausted', 'clientTokenTaken', 'moved'],
      )
    })

    it('hold columns to their types: a text is no number', async (t) => {
      const db = await (await engine.createPlace(t)).open()
      const error = await thrownBy(
        db.write.runStatements({ statements: [['insert into counters (name, next) values (?, ?)', 'a', 'many']] }),
      )
      assert.ok(error instanceof Error && !(error instanceof Problem))
      assert.deepEqual(await db.read.selectFrom('counters').selectAll().execute(), [])
    })
  })

  describe(`values of statements on ${engine.name}`, () => {
    const refused: readonly (readonly [what: string, value: unknown])[] = [
      ['a Date', new Date(0)],
      ['undefined', undefined],
      ['true', true],
      ['false', false],
      ['an integer above 2^53', 2 ** 53],
      ['an integer below -2^53', -(2 ** 53)],
      ['NaN', Number.NaN],
      ['Infinity', Number.POSITIVE_INFINITY],
      ['a bigint', 1n],
      ['an object', { a: 1 }],
      ['a list', [1]],
    ]
    it('are refused where engines would make something else of them', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      for (const [what, value] of refused) {
        const [error, neighbour] = await Promise.all([
          thrownBy(db.write.runStatements({ statements: [['insert into counters (name, next) values (?, ?)', 'bad', value]] })),
          db.write.runStatements({ statements: [putCounter(what)] }),
        ])
        assert.match(String(error), /a statement takes texts, safe integers, octets and null, not /, what)
        assert.equal(neighbour.length, 1)
      }
      const stored = (await place.query('select name from counters')).map(({ name }) => name)
      assert.deepEqual(new Set(stored), new Set(refused.map(([what]) => what)))
    })

    it('come back as they were given: texts, the widest safe integers, octets and null', async (t) => {
      const db = await (await engine.createPlace(t)).open()
      const octets = Uint8Array.from({ length: 256 }, (_, index) => index)
      const id = Number.MAX_SAFE_INTEGER
      const name = 'žluťoučký \u{1f511} "\' ? $1'
      await db.write.runStatements({
        statements: [
          [`insert into accounts (id, name, status, created_at) values (?, ?, 'active', ?)`, id, name, Number.MIN_SAFE_INTEGER],
          [
            `insert into keys (id, account_id, algorithm, spki_sha256, sealed, created_at, destroy_at, destroyed_at) values (1, ?, 'RSA', 'x', ?, 0, 0, ?)`,
            id,
            // A view into a longer buffer: only its own octets count.
            new Uint8Array([9, ...octets, 9]).subarray(1, 257),
            null,
          ],
        ],
      })
      const read = await db.read.selectFrom('accounts').select(['id', 'name', 'status', 'created_at']).execute()
      assert.deepEqual(plain(read), [{ id, name, status: 'active', created_at: Number.MIN_SAFE_INTEGER }])
      const row = await db.read.selectFrom('keys').selectAll().executeTakeFirstOrThrow()
      assert.ok(row.sealed instanceof Uint8Array)
      assert.deepEqual(Uint8Array.from(row.sealed), octets)
      assert.equal(row.destroyed_at, null)
    })

    it('that the database holds above 2^53 are refused by the reader and by a write, which is undone', async (t) => {
      const place = await engine.createPlace(t)
      const db = await place.open()
      const outcomes = await Promise.allSettled([
        db.write.runStatements({ statements: [putCounter('before')] }),
        db.write.runStatements({ statements: [[`insert into counters (name, next) values ('big', 9007199254740993) returning next`]] }),
        db.write.runStatements({ statements: [putCounter('after')] }),
      ])
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      )
      assert.deepEqual(await place.query('select name from counters order by name'), [{ name: 'after' }, { name: 'before' }])
      await db.write.runStatements({ statements: [[`insert into counters (name, next) values ('big', 9007199254740993)`]] })
      await assert.rejects(db.read.selectFrom('counters').selectAll().where('name', '=', 'big').execute())
      // The reader's connection is fit for use afterwards.
      assert.equal((await db.read.selectFrom('counters').selectAll().where('name', '=', 'after').execute()).length, 1)
    })
  })

  describe(`numbers of read queries on ${engine.name}`, () => {
    it('are numbers: 64-bit columns, sums, counts and the largest of a column', async (t) => {
      const db: TestDatabase = await (await engine.createPlace(t)).open()
      await db.write.runStatements({ statements: [account, plan(1), plan(2), plan(3, 1, 1_900_000_000_000)] })
      const { fn } = db.read
      const sums = await db.read
        .selectFrom('plans')
        .select([fn.sum<number>('total').as('total'), fn.sum<number>('used').as('used'), fn.countAll<number>().as('count')])
        .select([fn.max('valid_until').as('until'), fn.sum<number>('valid_until').as('sum')])
        .execute()
      assert.deepEqual(plain(sums), [{ total: 6, used: 1, count: 3, until: 1_900_000_000_000, sum: 1_900_000_000_020 }])
      const [row] = await db.read.selectFrom('plans').selectAll().where('id', '=', 3).execute()
      assert.equal(row?.valid_until, 1_900_000_000_000)
    })

    it('of no rows are null sums', async (t) => {
      const db = await (await engine.createPlace(t)).open()
      const rows = await db.read.selectFrom('plans').select(db.read.fn.sum<number>('total').as('total')).execute()
      assert.deepEqual(plain(rows), [{ total: null }])
    })
  })
}
