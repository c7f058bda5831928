import assert from 'node:assert/strict'
import { describe, type TestContext } from 'node:test'
import { openCallRecorder } from '../../src/audit/call-recorder.ts'
import { lookupEventsAction } from '../../src/actions/audit/lookup-events.ts'
import { createUserAction } from '../../src/actions/ram/create-user.ts'
import type { RequestFacts } from '../../src/gateway/request-facts.ts'
import { Problem } from '../../src/problem.ts'
import type { Services } from '../../src/services.ts'
import { contextOf } from '../support/context.ts'
import { onBothEngines, type TestServices } from '../orders/open-test-services.ts'

let calls = 0
const facts = (changes: Partial<RequestFacts> = {}): RequestFacts => ({
  action: lookupEventsAction,
  requestId: `CALL-${++calls}`,
  sourceIp: '192.0.2.7',
  code: 'OK',
  status: 200,
  ms: 1,
  unknownParameters: 0,
  ...changes,
})

const known = ({ caller }: TestServices, changes: Partial<RequestFacts> = {}) => facts({ context: contextOf(caller), ...changes })

const stored = async ({ services }: TestServices, kind: string) =>
  await services.db.read.selectFrom('events').selectAll().where('kind', '=', kind).orderBy('id').execute()

/** The test says when calls are stored. */
const stopTimers = ({ mock }: TestContext) => mock.timers.enable({ apis: ['setInterval'] })

/** Services whose store of calls does something else for once. */
function withStore(services: Services, storeCallEvents: Services['db']['write']['storeCallEvents']): Services {
  return { ...services, db: { ...services.db, write: { ...services.db.write, storeCallEvents } } }
}

describe('the calls that no write puts on record', () => {
  onBothEngines('are stored in the order in which they came; changes that were made are left to their own write', async (test, context) => {
    stopTimers(context)
    const recorder = openCallRecorder(test.services)
    const sent = Array.from({ length: 450 }, () => known(test))
    for (const one of sent) recorder.record(one)
    recorder.record(known(test, { action: createUserAction }))
    const refused = known(test, { action: createUserAction, code: 'NoPermission', status: 403, resources: ['user/alice'] })
    recorder.record(refused)
    await recorder.stop()
    const events = await stored(test, 'call')
    assert.deepEqual(
      events.map(({ request_id }) => request_id),
      [...sent, refused].map(({ requestId }) => requestId),
    )
    const last = events.at(-1)
    assert.deepEqual([last?.action, last?.resource, last?.decision, last?.code], ['CreateUser', 'user/alice', 'Deny', 'NoPermission'])
  })

  onBothEngines('wait in bounded number, those of nobody known in a smaller one; what is beyond is counted', async (test, context) => {
    stopTimers(context)
    const recorder = openCallRecorder(test.services)
    for (let call = 0; call < 130; call++) recorder.record(facts({ code: 'SignatureDoesNotMatch', status: 400 }))
    for (let call = 0; call < 10_005; call++) recorder.record(known(test))
    await recorder.flush()
    assert.equal((await stored(test, 'call')).filter(({ principal }) => principal === 'unknown').length, 100)
    assert.equal((await stored(test, 'call')).length, 10_000)
    const counted = (await stored(test, 'audit.callsLost')).map(({ detail }) => JSON.parse(detail) as unknown)
    assert.deepEqual(counted, [{ count: 30 + 105 }])
    // There is room again, for both.
    recorder.record(facts())
    recorder.record(known(test))
    await recorder.stop()
    assert.equal((await stored(test, 'call')).length, 10_002)
    assert.equal((await stored(test, 'audit.callsLost')).length, 1)
  })

  onBothEngines('wait on while the database does not answer, and are stored once though an answer was lost', async (test, context) => {
    stopTimers(context)
    const { write } = test.services.db
    let failures = 2
    const services = withStore(test.services, async (input) => {
      if (failures-- === 2) throw new Problem('serviceUnavailable')
      await write.storeCallEvents(input)
      // It is stored, and nobody hears of it.
      if (failures >= 0) throw new Problem('serviceUnavailable')
    })
    const recorder = openCallRecorder(services)
    for (let call = 0; call < 250; call++) recorder.record(known(test))
    for (let attempt = 0; attempt < 2; attempt++) await assert.rejects(recorder.flush(), { problem: 'serviceUnavailable' })
    await recorder.stop()
    assert.equal((await stored(test, 'call')).length, 250)
    assert.deepEqual(await stored(test, 'audit.callsLost'), [])
  })

  onBothEngines('are counted if they cannot be stored at all, and hold up no others', async (test, context) => {
    stopTimers(context)
    const { write } = test.services.db
    let isFirst = true
    const services = withStore(test.services, async (input) => {
      if (isFirst) {
        isFirst = false
        throw new Error('the database takes no such thing')
      }
      await write.storeCallEvents(input)
    })
    const recorder = openCallRecorder(services)
    for (let call = 0; call < 230; call++) recorder.record(known(test))
    await assert.rejects(recorder.flush(), /no such thing/)
    await recorder.stop()
    assert.equal((await stored(test, 'call')).length, 30)
    assert.deepEqual(
      (await stored(test, 'audit.callsLost')).map(({ detail }) => detail),
      ['{"count":200}'],
    )
  })

  onBothEngines('hold no word of the client that cannot be a name', async (test, context) => {
    stopTimers(context)
    const recorder = openCallRecorder(test.services)
    const secret = 'aSecretInTheWrongPlace'
    recorder.record(known(test, { code: 'InvalidParameter', status: 400, resources: [`user/${secret}`] }))
    recorder.record(known(test, { resources: [`user/${secret} with spaces`, 'order/10000001'] }))
    await recorder.stop()
    const events = await stored(test, 'call')
    assert.deepEqual(
      events.map(({ resource }) => resource),
      ['*', 'order/10000001'],
    )
    assert.doesNotMatch(JSON.stringify(events), new RegExp(secret))
  })
})
