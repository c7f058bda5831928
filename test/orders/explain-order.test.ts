import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { checkDomain } from '../../src/orders/check-domain.ts'
import { explainOrder, MOST_LOOKS } from '../../src/orders/explain-order.ts'
import type { ProofAttempt } from '../../src/validation/proof.ts'
import { load, notProven, onBothEngines, place, proven, start, type TestServices } from './open-test-services.ts'

const record = '_dnsauth.www.example.com'
const target = 'elsewhere.example.net'
const answer = (value: string, type: 'TXT' | 'CNAME' = 'TXT') => ({ name: record, type, ttlSeconds: 300, value })
const query = { resolver: '127.0.0.1:53', name: record, type: 'TXT', transport: 'udp', ms: 3 } as const

function seen(
  failure: NonNullable<ProofAttempt['failure']>,
  rcode: string,
  answers: readonly ReturnType<typeof answer>[] = [],
): ProofAttempt {
  const cname = answers.find(({ type }) => type === 'CNAME')
  const evidence = { method: 'DNS', queries: [{ ...query, rcode, answers }], ...(cname && { target: cname.value }) } as const
  return { proven: false, failure, message: `It was ${failure}.`, evidence }
}

/** Places an order and has it looked at once. */
async function lookedAt(test: TestServices, attempt: ProofAttempt) {
  const { id } = await place(test)
  test.world.look = () => Promise.resolve(attempt)
  test.clock.now += 2_000
  await test.services.advancer.advance(id, AbortSignal.timeout(20_000))
  return await explainOrder(test.services, { caller: test.caller }, id)
}

void describe('the explanation of an order', () => {
  onBothEngines('says which record to put where, and what the look saw instead', async (test) => {
    const explained = await lookedAt(test, seen('nxdomain', 'NXDOMAIN'))
    const [name] = explained.names
    assert(name?.instruction.method === 'DNS')
    const { recordName, recordHost, recordValue: token } = name.instruction
    assert.deepEqual([recordName, recordHost, name.publishAt], [record, '_dnsauth.www', undefined])
    assert.ok(explained.advice[0]?.startsWith(`Put a TXT record at ${record} with the value ${token}. The resolver still answers NXDOMAIN`))
    assert.deepEqual(explained.looks[0]?.evidence.queries[0], { ...query, rcode: 'NXDOMAIN', answers: [] })
    assert.deepEqual([explained.looks[0]?.at, explained.looks[0]?.name], [start + 2_000, 'www.example.com'])
    assert.equal(explained.nextAttemptAt, (await load(test, explained.order.id)).run_at)
    assert.deepEqual(
      explained.timeline.map(({ at }) => at),
      [start, start],
    )
    assert.equal(test.world.looks, 1)
  })

  onBothEngines('tells another value from a CNAME, and where that lets the record be published', async (test) => {
    const other = await lookedAt(test, seen('wrongValue', 'NOERROR', [answer('another')]))
    assert.match(other.advice.join(), /holds another value; add this one beside it/)
    for (const failure of ['noRecord', 'wrongValue', 'nxdomain'] as const) {
      const delegated = await lookedAt(test, seen(failure, 'NOERROR', [answer(target, 'CNAME')]))
      const [advice = ''] = delegated.advice
      assert.ok(advice.startsWith(`Put a TXT record at ${target} with the value `), advice)
      assert.match(advice, /CNAME at _dnsauth\.www\.example\.com leads to elsewhere\.example\.net, and the TXT record belongs there/)
      assert.doesNotMatch(advice, /remove/)
      assert.equal(delegated.names[0]?.publishAt, target)
    }
    const lost = await lookedAt(test, seen('servfail', 'SERVFAIL', [answer(target, 'CNAME')]))
    assert.match(lost.advice.join(), /leads to elsewhere\.example\.net, which cannot be resolved: mend that zone, or remove/)
    assert.equal(lost.names[0]?.publishAt, undefined)
  })

  onBothEngines('shows the latest looks and says how many are left out', async (test) => {
    const { id } = await place(test)
    for (let looks = 0; looks < MOST_LOOKS + 2; looks++) {
      test.clock.now += 20_000
      await test.services.advancer.advance(id, AbortSignal.timeout(20_000))
    }
    const explained = await explainOrder(test.services, { caller: test.caller }, id)
    assert.deepEqual([explained.looks.length, explained.looksLeftOut], [MOST_LOOKS, 2])
    assert.equal(explained.looks[0]?.at, test.clock.now)
  })

  onBothEngines('of an issued order tells of proof, unit and certificate in their order', async (test) => {
    const { timeline, ledger, advice } = await lookedAt(test, proven)
    const words = ['placed', 'reserved', 'used for good', 'proven', 'issued']
    assert.deepEqual(
      words.map((word) => timeline.some(({ what }) => what.includes(word))),
      words.map(() => true),
    )
    assert.deepEqual(
      timeline.map(({ at }) => at),
      timeline.map(({ at }) => at).toSorted((a, b) => a - b),
    )
    assert.deepEqual(
      ledger.map(({ kind }) => kind),
      ['reserve', 'commit'],
    )
    assert.match(advice.join(), /is issued/)
  })

  onBothEngines('is not given to another account', async (test) => {
    const { id } = await place(test)
    const stranger = { ...test.caller, accountId: test.caller.accountId + 1 }
    await assert.rejects(explainOrder(test.services, { caller: stranger }, id), { problem: 'notFoundOrder' })
  })
})

void describe('a preflight', () => {
  const ask = (test: TestServices, changes: Partial<Parameters<typeof checkDomain>[2]> = {}) =>
    checkDomain(test.services, test.caller.accountId, {
      domain: 'www.example.com',
      productCode: 'digicert-free-1-free',
      method: 'DNS',
      ...changes,
    })
  const verdicts = async (check: ReturnType<typeof ask>) => Object.fromEntries((await check).findings.map(({ about, ok }) => [about, ok]))

  onBothEngines('is in order where the zone answers, spends nothing and stores no order', async (test) => {
    test.world.look = () => Promise.resolve(seen('nxdomain', 'NXDOMAIN'))
    const left = (await ask(test)).unitsLeft
    assert.deepEqual(await verdicts(ask(test)), { name: true, quota: true, proof: true })
    assert.ok(left > 0)
    assert.equal((await ask(test)).unitsLeft, left)
    assert.deepEqual(await test.services.db.read.selectFrom('orders').select('id').execute(), [])
  })

  onBothEngines('finds a zone that does not answer, a CNAME to one and a server that is not reached', async (test) => {
    test.world.look = () => Promise.resolve(seen('servfail', 'SERVFAIL'))
    assert.deepEqual(await verdicts(ask(test)), { name: true, quota: true, proof: false })
    test.world.look = () => Promise.resolve(seen('servfail', 'SERVFAIL', [answer(target, 'CNAME')]))
    assert.deepEqual(await verdicts(ask(test)), { name: true, quota: true, proof: false })
    test.world.look = () => Promise.resolve({ ...notProven, failure: 'network' })
    assert.deepEqual(await verdicts(ask(test, { method: 'FILE' })), { name: true, quota: true, proof: false })
    test.world.look = () => Promise.resolve({ ...notProven, failure: 'httpStatus' })
    assert.deepEqual(await verdicts(ask(test, { method: 'FILE' })), { name: true, quota: true, proof: true })
  })

  onBothEngines('is in order where a CNAME leads to a zone that answers, and says where to publish', async (test) => {
    for (const failure of ['noRecord', 'wrongValue', 'nxdomain'] as const) {
      test.world.look = () => Promise.resolve(seen(failure, 'NOERROR', [answer(target, 'CNAME')]))
      const { findings } = await ask(test)
      const proof = findings.find(({ about }) => about === 'proof')
      assert.equal(proof?.ok, true)
      assert.match(proof.message, /leads to elsewhere\.example\.net, and the TXT record belongs there/)
    }
  })

  onBothEngines('looks at nothing that may not be ordered, and tells of quota that is not there', async (test) => {
    assert.deepEqual(await verdicts(ask(test, { domain: 'no name' })), { name: false, quota: true })
    assert.deepEqual(await verdicts(ask(test, { productCode: 'geotrust-dv-w-starter', domain: '*.example.com', method: 'FILE' })), {
      name: false,
      quota: false,
    })
    assert.equal(test.world.looks, 0)
    await assert.rejects(ask(test, { productCode: 'none' }), { problem: 'invalidParameter' })
  })
})
