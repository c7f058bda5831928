import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { packLines } from '../../src/runner/pack-lines.ts'
import { BLOCK_LINES, findInBlock, gramsOf, joinBlock, joinLine, mayHold, readKeyword } from '../../src/storage/keyword-lines.ts'
import { searchKeyword } from '../../src/storage/keyword-search.ts'
import { seededName, seedStatements } from '../../bench/seed-orders.ts'
import { listOrdersPage, orderIds } from '../actions/lists/call-list.ts'
import { onBothEngines, place, type TestServices, writeDirectly } from '../orders/open-test-services.ts'

/** More orders than two blocks hold, with their lines, all under one account. */
async function seed(test: TestServices, count: number): Promise<{ firstId: number; instanceId: number }> {
  const order = await place(test, { domain: 'first.example.com' })
  const { plan_id: planId } = await test.services.db.read
    .selectFrom('instances')
    .select('plan_id')
    .where('id', '=', order.instance_id)
    .executeTakeFirstOrThrow()
  const shape = {
    accountId: test.caller.accountId,
    planId,
    instanceId: order.instance_id,
    firstId: order.id + 10_000,
    count,
    now: test.clock.now,
  }
  for (const statement of seedStatements(shape)) await writeDirectly(test, statement)
  await writeDirectly(
    test,
    `insert into keyword_lines (account_id, kind, id, line)
       select account_id, 'order', id, domain || '\tcas-ivauto-' || instance_id || '\tcas-cert-' || id from orders where id > ${order.id}`,
  )
  return shape
}

describe('lines that keywords are looked for in', () => {
  it('are found in a block exactly where the text holds the keyword, and never by their ids', () => {
    const line = fc.array(fc.stringMatching(/^[a-z0-9.*-]{1,8}$/), { minLength: 1, maxLength: 3 }).map(joinLine)
    const rows = fc.uniqueArray(fc.record({ id: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), line }), {
      selector: ({ id }) => id,
      maxLength: 30,
    })
    fc.assert(
      fc.property(rows, fc.stringMatching(/^[a-z0-9.*-]{1,3}$/), (lines, keyword) => {
        const expected = lines.filter((one) => one.line.includes(keyword)).map(({ id }) => id)
        const body = joinBlock(lines)
        assert.deepEqual(findInBlock(body, keyword), expected)
        assert.ok(expected.length === 0 || mayHold(gramsOf(body), keyword), 'no block is passed over that holds it')
      }),
    )
  })

  it('pass over blocks that lack three characters of the keyword', () => {
    const grams = gramsOf(joinBlock([{ id: 1, line: 'www.example.com' }]))
    assert.ok(mayHold(grams, 'example'))
    assert.ok(mayHold(grams, 'zz'), 'too short to tell')
    assert.ok(!mayHold(grams, 'nothing'))
  })

  it('take keywords in any case, and none that could reach from one line or part into the next', () => {
    assert.equal(readKeyword(' Shop.Example '), 'shop.example')
    assert.equal(readKeyword('a\tb'), undefined)
    assert.equal(readKeyword('a\nb'), undefined)
  })
})

describe('keywords among very many orders', () => {
  onBothEngines('are found in packed lines and loose ones alike, the newest first, each once', async (test) => {
    const count = 2 * BLOCK_LINES + 500
    const { firstId } = await seed(test, count)
    const { db } = test.services
    const scope = { engine: db.engine, accountId: test.caller.accountId, kind: 'order' } as const
    const search = async (keyword: string, below = Number.MAX_SAFE_INTEGER) => {
      const found: number[] = []
      for await (const part of searchKeyword(db.read, scope, { keyword, below })) found.push(...part)
      return found
    }
    const naive = (keyword: string) =>
      Array.from({ length: count }, (_, index) => index)
        .filter((index) => seededName(index).includes(keyword))
        .map((index) => firstId + index)
        .toReversed()
    const keywords = ['shop-77', 'corp.example.org', '-8191.', 'edge-8689', 'nothing', 'example.co']
    const before = new Map<string, number[]>()
    for (const keyword of keywords) {
      before.set(keyword, await search(keyword))
      assert.deepEqual(
        before.get(keyword)?.filter((id) => id >= firstId),
        naive(keyword),
        keyword,
      )
    }
    await packLines(test.services)
    const left = await db.read.selectFrom('keyword_lines').select('id').where('kind', '=', 'order').execute()
    assert.equal(left.length, 501)
    assert.equal((await db.read.selectFrom('keyword_blocks').select('max_id').execute()).length, 2)
    for (const keyword of keywords) {
      assert.deepEqual(await search(keyword), before.get(keyword), keyword)
      const below = firstId + BLOCK_LINES
      assert.deepEqual(
        await search(keyword, below),
        before.get(keyword)?.filter((id) => id < below),
        `${keyword} below`,
      )
    }
    assert.deepEqual(
      await (async () => {
        const others: number[] = []
        for await (const part of searchKeyword(db.read, { ...scope, accountId: 1 }, { keyword: 'e', below: Number.MAX_SAFE_INTEGER }))
          others.push(...part)
        return others
      })(),
      [],
    )
  })

  onBothEngines('come in blocks whose ids overlap, as several processes give them, still in order', async (test) => {
    const { db } = test.services
    const { accountId } = test.caller
    const put = async (ids: readonly number[]) => {
      const lines = ids.map((id) => ({ id, line: `n${id}.example.com` }))
      for (const { id, line } of lines)
        await writeDirectly(test, `insert into keyword_lines (account_id, kind, id, line) values (${accountId}, 'order', ${id}, '${line}')`)
      await db.write.packKeywordLines({
        accountId,
        kind: 'order',
        minId: Math.min(...ids),
        maxId: Math.max(...ids),
        lines: ids.length,
        body: joinBlock(lines),
        grams: gramsOf(joinBlock(lines)),
      })
    }
    await put([10, 30, 50])
    await put([20, 40, 60])
    const found: number[] = []
    for await (const part of searchKeyword(db.read, { engine: db.engine, accountId, kind: 'order' }, { keyword: '.example', below: 55 }))
      found.push(...part)
    assert.deepEqual(found, [50, 40, 30, 20, 10])
  })

  onBothEngines('are not packed by two at once: who comes second leaves everything as it is', async (test) => {
    const { db } = test.services
    const { accountId } = test.caller
    const { id } = await place(test)
    const pack = {
      accountId,
      kind: 'order',
      minId: id,
      maxId: id,
      lines: 1,
      body: joinBlock([{ id, line: 'x' }]),
      grams: gramsOf('x'),
    } as const
    await assert.rejects(db.write.packKeywordLines({ ...pack, lines: 2 }), { problem: 'moved' })
    await db.write.packKeywordLines(pack)
    await assert.rejects(db.write.packKeywordLines({ ...pack, maxId: id + 1 }), { problem: 'moved' })
    assert.equal((await db.read.selectFrom('keyword_blocks').select('max_id').execute()).length, 1)
  })

  onBothEngines('make pages that hold every match once, with and without a status', async (test) => {
    const count = BLOCK_LINES + 1_000
    await seed(test, count)
    await packLines(test.services)
    const states = (index: number) => index % 100
    for (const [filter, isListed] of [
      [{ Keyword: 'mail-1' }, (index: number) => states(index) < 98 && seededName(index).includes('mail-1')],
      [{ Keyword: 'mail-1', Status: 'EXPIRED' }, (index: number) => states(index) < 60 && seededName(index).includes('mail-1')],
      [
        { Keyword: 'l-1', Status: 'REVOKED' },
        (index: number) => states(index) >= 85 && states(index) < 90 && seededName(index).includes('l-1'),
      ],
    ] as const) {
      const expected = Array.from({ length: count }, (_, index) => index).filter(isListed).length
      const seen: number[] = []
      for (let page = 1; seen.length < expected; page += 1) {
        const { items, total } = await listOrdersPage(test, { ...filter, ShowSize: '60', CurrentPage: String(page) })
        assert.equal(total, expected)
        assert.ok(items.length > 0, `page ${page}`)
        seen.push(...items.map(({ OrderId }) => Number(OrderId)))
      }
      assert.equal(new Set(seen).size, expected)
      assert.deepEqual(
        seen,
        seen.toSorted((a, b) => b - a),
      )
    }
    assert.deepEqual(await orderIds(test, { Keyword: 'mail-999999' }), [])
    assert.equal((await listOrdersPage(test, {})).total, count - Math.floor(count / 100) * 2 + 1)
  })
})
