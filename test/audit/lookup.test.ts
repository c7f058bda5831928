import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { type EventFilter, type EventPosition, type EventRow, listEvents } from '../../src/storage/audit.ts'
import { onBothEngines, type TestServices } from '../orders/open-test-services.ts'

const COUNT = 12_000
const start = Date.UTC(2026, 0, 1)

/** Events of which many have one instant, and every property some rare values; the oldest is the rarest. */
async function storeMany({ services: { db }, caller }: TestServices, accountId = caller.accountId): Promise<void> {
  for (let done = 0; done < COUNT; done += 400) {
    const events = []
    for (let index = done; index < done + 400; index++) {
      events.push({
        id: await db.nextId('events'),
        accountId,
        at: start + Math.floor(index / 7) * 1_000,
        principal: `user/${index % 5}`,
        accessKeyId: null,
        action: index === 3 ? 'Rare' : `Action${index % 3}`,
        sourceIp: `192.0.2.${index % 11}`,
        requestId: `CALL-${index}`,
        resource: index % 100 === 0 ? 'order/1' : '*',
        decision: index % 1_000 === 5 ? ('Deny' as const) : ('Allow' as const),
        code: index % 1_000 === 5 ? 'NoPermission' : 'OK',
      })
    }
    await db.write.storeCallEvents({ events })
  }
}

/** All pages, and how many there were. */
async function readAll({ services: { db }, caller }: TestServices, filter: EventFilter, limit: number) {
  const ids: number[] = []
  let pages = 0
  for (let before: EventPosition | undefined; ; pages++) {
    const page = await listEvents(db.read, caller.accountId, filter, { before, limit })
    assert.ok(page.events.length <= limit)
    ids.push(...page.events.map(({ id }) => id))
    if (page.next === undefined) return { ids, pages: pages + 1 }
    before = page.next
  }
}

/** What the filter asks for, taken from all rows by plain comparison. */
function pick(rows: readonly EventRow[], filter: EventFilter): number[] {
  const isEqual = (row: EventRow, column: keyof EventRow, value: string | undefined) => value === undefined || row[column] === value
  return rows
    .filter((row) => (filter.from === undefined || row.at >= filter.from) && (filter.to === undefined || row.at < filter.to))
    .filter((row) => isEqual(row, 'action', filter.action) && isEqual(row, 'kind', filter.kind))
    .filter((row) => isEqual(row, 'principal', filter.principal) && isEqual(row, 'resource', filter.resource))
    .filter((row) => isEqual(row, 'request_id', filter.requestId) && isEqual(row, 'source_ip', filter.sourceIp))
    .filter((row) => isEqual(row, 'decision', filter.decision) && isEqual(row, 'code', filter.code))
    .toSorted((a, b) => b.at - a.at || b.id - a.id)
    .map(({ id }) => id)
}

describe('a look at the trail', () => {
  onBothEngines('gives by pages what every filter asks for, once and in order, and nothing of other accounts', async (test) => {
    await storeMany(test)
    await storeMany(test, 1)
    const { db } = test.services
    const rows = await db.read.selectFrom('events').selectAll().where('account_id', '=', test.caller.accountId).execute()
    const filters: [EventFilter, number][] = [
      [{}, 5_000],
      [{ requestId: 'CALL-17' }, 100],
      [{ requestId: 'CALL-17', decision: 'Deny' }, 100],
      [{ principal: 'user/3' }, 700],
      [{ principal: 'user/3', code: 'NoPermission' }, 2],
      [{ resource: 'order/1' }, 50],
      [{ resource: 'order/1', principal: 'user/0', action: 'Action1' }, 7],
      [{ action: 'Rare' }, 10],
      [{ kind: 'call', sourceIp: '192.0.2.4', action: 'Action2' }, 90],
      [{ decision: 'Deny' }, 5],
      [{ from: start + 60_000, to: start + 600_000, action: 'Action0' }, 33],
      [{ from: start + 60_000, principal: 'user/1' }, 1_000],
      [{ to: start + 4_000 }, 3],
      [{ principal: 'nobody' }, 10],
      [{ code: 'None' }, 10],
    ]
    for (const [filter, limit] of filters) {
      const expected = pick(rows, filter)
      const found = await readAll(test, filter, limit)
      assert.deepEqual(found.ids, expected, JSON.stringify(filter))
    }
  })

  onBothEngines('passes over so many events and says where to go on, though it found none', async (test) => {
    await storeMany(test)
    const { db } = test.services
    const first = await listEvents(db.read, test.caller.accountId, { action: 'Rare' }, { before: undefined, limit: 10 })
    assert.equal(first.events.length, 0)
    const second = await listEvents(db.read, test.caller.accountId, { action: 'Rare' }, { before: first.next, limit: 10 })
    assert.deepEqual([second.events.length, second.next], [1, undefined])
  })
})
