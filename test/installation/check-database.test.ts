import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { checkDatabase } from '../../src/installation/check-database.ts'
import { onBothEngines, place, start, writeDirectly } from '../orders/open-test-services.ts'

describe('a look at the database', () => {
  onBothEngines('finds engine, clocks, counters and the address of the CRLs', async (test) => {
    test.clock.now += 1_234
    await place(test)
    const check = await checkDatabase(test.services)
    assert.equal(check.engine, test.services.db.engine)
    assert.equal(check.now, start + 1_234)
    assert.equal(check.newestEventAt, start + 1_234)
    assert.deepEqual([check.planDifferences, check.orderFaults, check.pkiUrl], [0, 0, undefined])
    if (check.engine === 'sqlite') assert.equal(check.clockDifferenceMs, 0)
    // The process's clock stands still in these tests, the server's is real.
    else assert.ok(Math.abs(check.clockDifferenceMs - (test.clock.now - Date.now())) < 10_000)
  })

  onBothEngines('finds counters that differ from the ledger', async (test) => {
    await place(test)
    await writeDirectly(test, `update plans set used = used + 1 where product_code = 'digicert-free-1-free'`)
    assert.equal((await checkDatabase(test.services)).planDifferences, 1)
  })

  onBothEngines(
    'names the address of the CRLs if the CA was made with one',
    async (test) => {
      assert.equal((await checkDatabase(test.services)).pkiUrl, 'http://pki.example:8080')
    },
    { CHANCERY_PKI_URL: 'http://pki.example:8080' },
  )
})
