import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe } from 'node:test'
import { type CompiledQuery, Kysely } from 'kysely'
import { findRenewal, listEarlierProofs, listOrderEvents } from '../../src/storage/order-history.ts'
import type { Schema } from '../../src/storage/schema.ts'
import { sqliteDialect } from '../../src/storage/sqlite/kysely-dialect.ts'
import { onBothEngines } from '../orders/open-test-services.ts'

describe('the history of an order', () => {
  onBothEngines('is found by indexes, past the calls that asked about it', async (test) => {
    if (test.services.db.engine !== 'sqlite') return
    const connection = new DatabaseSync(join(test.folder, 'chancery.db'), { readOnly: true })
    const asked: CompiledQuery[] = []
    const read = new Kysely<Schema>({ dialect: sqliteDialect(connection), log: ({ query }) => void asked.push(query) })
    await listOrderEvents(read, test.caller.accountId, { orderId: 1, certificateId: 2 }, 10)
    await findRenewal(read, 1)
    await listEarlierProofs(read, 1)
    const steps = asked.map(({ sql: text, parameters }) =>
      connection
        .prepare(`explain query plan ${text}`)
        .all(...(parameters as number[]))
        .map((row) => String(row['detail'])),
    )
    connection.close()
    assert.equal(steps.length, 4)
    assert.match(steps[0]?.join() ?? '', /^SEARCH events USING INDEX events_of_orders \(account_id=\? AND resource=\?\)$/)
    assert.deepEqual(steps[1], steps[0])
    assert.match(steps[2]?.join() ?? '', /SEARCH orders USING INDEX orders_renewal_once/)
    assert.doesNotMatch(steps[3]?.join() ?? '', /SCAN/)
  })
})
