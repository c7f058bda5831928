import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { renewCrl } from '../../src/ca/renew-crl.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import { onBothEngines, openTestServices, start, type TestServices } from '../orders/open-test-services.ts'
import { example } from './example.ts'
import { faults } from './faults.ts'
import { scenario } from './operations.ts'
import { runScenario, type Tally } from './run-scenario.ts'
import { makeCsrs } from './system.ts'

/** As many scenarios as fit into 12 s, unless a longer run is asked for: MODEL_RUNS=2000. */
const asked = process.env['MODEL_RUNS']
const runs = Number(asked ?? '100')
const LONGEST_MS = 12_000
const env = { CHANCERY_PRODUCTS_FILE: join(import.meta.dirname, 'products.json') }

/** What the scenarios must have come across; else they say little. */
const mustHappen = [
  'CreateCertificateForPackageRequest OK',
  'CreateCertificateWithCsrRequest csrUsed',
  'CreateCertificateRequest productLevelDenied',
  'CreateCertificateRequest notRemainCount',
  'CancelOrderRequest OK',
  'SubmitOrder OK',
  'DeleteCertificateRequest OK',
  'CancelCertificateForPackageRequest OK',
  'RenewCertificateOrderForPackageRequest OK',
  'PurchasePackage idempotentParameterMismatch',
  'RenewCertificateOrderForPackageRequest renewalExists',
  'CancelCertificateForPackageRequest orderStateError',
  'ReviewOrder OK',
  'ReviewOrder reviewerDenied',
]

void describe('random operations and time against a model of states and quota', () => {
  onBothEngines(
    'leave ledger, counters, states and answers as the model says',
    async (test, context) => {
      const csrs = await makeCsrs()
      const tally: Tally = new Map()
      // Fast-check's own limits leave a scenario running, or fail.
      const end = asked === undefined ? performance.now() + LONGEST_MS : Infinity
      await fc.assert(
        fc.asyncProperty(scenario, async (given) => {
          if (performance.now() < end) await runScenario(test, test.services, csrs, given, tally)
        }),
        { numRuns: runs, examples: [[example]], endOnFailure: asked === undefined },
      )
      assert.deepEqual(test.faults, [])
      await assertAllListed(test)
      const counts = [...tally].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, count]) => `${what} ${count}`)
      context.diagnostic(counts.join(', '))
      assert.deepEqual(
        mustHappen.filter((what) => !tally.has(what)),
        [],
        'what no scenario came across',
      )
    },
    env,
  )

  for (const [title, plant] of Object.entries(faults)) {
    it(`notices that ${title}`, async () => {
      const test = (await openTestServices('sqlite', env)) ?? assert.fail('SQLite runs everywhere')
      try {
        const csrs = await makeCsrs()
        const faulty = plant(test.services)
        const { failed, errorInstance, numRuns } = await fc.check(
          fc.asyncProperty(scenario, (given) => runScenario(test, faulty, csrs, given, new Map())),
          { numRuns: 1_000, examples: [[example]], endOnFailure: true },
        )
        assert.ok(failed, `${numRuns} scenarios agree with the model`)
        assert.ok(errorInstance instanceof assert.AssertionError, String(errorInstance))
      } finally {
        await test.close()
      }
    })
  }
})

/** The next CRLs list exactly what is revoked. Each scenario begins at the same instant, where nothing has expired and nothing says what is due. */
async function assertAllListed({ services, clock }: TestServices): Promise<void> {
  clock.now = start
  for (const { issuer_id: issuerId, shard, number, run_at: dueAt } of await services.db.read.selectFrom('crls').selectAll().execute()) {
    assert.ok(await renewCrl(services, { issuerId, shard, number, dueAt }))
  }
  const revoked = await services.db.read.selectFrom('certificates').select('serial').where('revoked_at', 'is not', null).execute()
  const crls = await services.db.read.selectFrom('crls').select('der').where('issuer_id', '=', services.authority.issuerId).execute()
  const listed = crls.flatMap(({ der }) => (der === null ? [] : parseCrl(der).revoked.map(({ serial }) => serial)))
  assert.deepEqual(listed.sort(), revoked.map(({ serial }) => serial).sort())
}
