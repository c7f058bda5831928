import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createPageAnchors } from '../../src/orders/page-anchors.ts'
import { buyPlenty, issue, listOrdersPage, orderIds } from '../actions/lists/call-list.ts'
import { load, onBothEngines, place, type TestServices, writeDirectly } from './open-test-services.ts'

async function walk(test: TestServices, filter: Readonly<Record<string, string>>, size: number, between: (page: number) => Promise<void>) {
  const seen: number[] = []
  const totals = new Set<number>()
  for (let page = 1; ; page += 1) {
    const { items, total } = await listOrdersPage(test, { ...filter, ShowSize: String(size), CurrentPage: String(page) })
    seen.push(...items.map(({ OrderId }) => Number(OrderId)))
    totals.add(total)
    if (items.length === 0) return { seen, totals: [...totals] }
    await between(page)
  }
}

describe('walking the pages of a list', () => {
  onBothEngines('gives every order that was there exactly once while others are placed', async (test) => {
    await buyPlenty(test)
    const before: number[] = []
    for (let index = 0; index < 12; index += 1) before.push((await place(test, { domain: `n${index}.example.com` })).id)
    let made = 0
    const filters = [{}, { Keyword: 'example' }, { Status: 'CHECKING' }, { Status: 'CHECKING', Keyword: '.com' }] as const
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...filters),
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 4 }),
        async (filter, size, arrivals) => {
          const there = await orderIds(test, { ...filter, ShowSize: '100' })
          const { seen, totals } = await walk(test, filter, size, async (page) => {
            for (let one = 0; one < (arrivals[page - 1] ?? 0); one += 1) await place(test, { domain: `later${(made += 1)}.example.com` })
          })
          assert.deepEqual(seen, there)
          assert.deepEqual(totals, [there.length])
        },
      ),
      { numRuns: 12 },
    )
  })

  onBothEngines('may show an order of another process, whose ids are lower, on a later page: all others come once', async (test) => {
    await buyPlenty(test)
    const ids: number[] = []
    for (let index = 0; index < 6; index += 1) ids.unshift((await place(test)).id)
    const late = ids[4] ?? 0
    await writeDirectly(test, `update orders set state = 'deleted' where id = ${late}`)
    const { seen, totals } = await walk(test, {}, 2, async (page) => {
      if (page === 1) await writeDirectly(test, `update orders set state = 'validating' where id = ${late}`)
    })
    assert.deepEqual([seen, totals], [ids, [5]])
  })

  onBothEngines('leaves nothing out when shown rows leave the list', async (test) => {
    await buyPlenty(test)
    const ids: number[] = []
    for (let index = 0; index < 9; index += 1) ids.push((await place(test)).id)
    const { seen } = await walk(test, { Status: 'CHECKING' }, 3, async (page) => {
      if (page === 1)
        await writeDirectly(test, `update orders set state = 'failed', run_at = null where id in (${ids.slice(-3).join(',')})`)
    })
    assert.deepEqual(seen, ids.toReversed())
  })

  onBothEngines('goes by the end of certificates where time decides, and each comes once', async (test) => {
    await buyPlenty(test)
    const ids: number[] = []
    for (let index = 0; index < 5; index += 1) {
      ids.push((await issue(test, { domain: `n${index}.example.com` })).id)
      test.clock.now += 1_000
    }
    const { seen } = await walk(test, { Status: 'ISSUED' }, 2, async (page) => {
      if (page === 1) await issue(test, { domain: 'late.example.com' })
    })
    assert.deepEqual(new Set(seen), new Set(ids))
    const ends = await Promise.all(seen.map(async (id) => (await load(test, id)).certificate_ends_at ?? 0))
    assert.deepEqual(
      ends,
      ends.toSorted((a, b) => b - a),
    )
  })

  onBothEngines('falls back to counting from the newest where nothing is known of the page before', async (test) => {
    await buyPlenty(test)
    const ids: number[] = []
    for (let index = 0; index < 6; index += 1) ids.unshift((await place(test)).id)
    assert.deepEqual(await orderIds(test, { ShowSize: '2', CurrentPage: '3' }), ids.slice(4))
    assert.deepEqual(await orderIds(test, { ShowSize: '2', CurrentPage: '2' }), ids.slice(2, 4))
    assert.deepEqual(await orderIds(test, { ShowSize: '2' }), ids.slice(0, 2))
    const { id } = await place(test)
    test.clock.now += 11 * 60_000
    assert.deepEqual(await orderIds(test, { ShowSize: '2', CurrentPage: '2' }), [ids[1], ids[2]])
    assert.equal((await orderIds(test))[0], id)
  })
})

describe('anchors of pages', () => {
  const owner = { accountId: 1, list: 'a list' }

  it('follow the reader whose page before was read, and else the latest', () => {
    const anchors = createPageAnchors(() => 0)
    const first = anchors.add(owner, { newestId: 10, at: 0, total: 3 })
    anchors.note(first, 1, { id: 8 })
    anchors.note(first, 2, { id: 6 })
    const second = anchors.add(owner, { newestId: 12, at: 0, total: 5 })
    anchors.note(second, 1, { id: 10 })
    assert.equal(anchors.find(owner, 3), first)
    assert.equal(anchors.find(owner, 2), second)
    assert.equal(anchors.find(owner, 9), second)
    assert.equal(anchors.find({ ...owner, list: 'another' }, 2), undefined)
    assert.equal(anchors.find({ ...owner, accountId: 2 }, 2), undefined)
  })

  it('of who turns pages outlive any number of first pages', () => {
    const anchors = createPageAnchors(() => 0)
    const walker = anchors.add(owner, { newestId: 10, at: 0, total: 3 })
    anchors.note(walker, 1, { id: 8 })
    anchors.note(walker, 2, { id: 6 })
    for (let index = 0; index < 50; index += 1) anchors.note(anchors.add(owner, { newestId: 20 + index, at: 0, total: 3 }), 1, { id: 19 })
    assert.equal(anchors.find(owner, 3), walker)
  })

  it('end ten minutes after their last use, and of one account alone when it has too many', () => {
    let now = 0
    const anchors = createPageAnchors(() => now)
    const kept = anchors.add({ accountId: 2, list: 'kept' }, { newestId: 1, at: 0, total: 1 })
    const first = anchors.add(owner, { newestId: 1, at: 0, total: 1 })
    now = 600_000
    assert.equal(anchors.find(owner, 2), first)
    for (let index = 0; index < 100; index += 1) anchors.add({ accountId: 1, list: `list ${index}` }, { newestId: 1, at: 0, total: 1 })
    assert.equal(anchors.find(owner, 2), undefined)
    assert.equal(anchors.find({ accountId: 2, list: 'kept' }, 2), kept)
    now = 1_200_001
    assert.equal(anchors.find({ accountId: 2, list: 'kept' }, 2), undefined)
  })
})
