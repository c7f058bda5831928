import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe } from 'node:test'
import pino from 'pino'
import { writeDeletion } from '../../src/audit/deletion.ts'
import { openLogKey } from '../../src/audit/log-key.ts'
import { proveInclusion } from '../../src/audit/prove-inclusion.ts'
import { applyRetention } from '../../src/audit/retention.ts'
import { openAuditSealer } from '../../src/audit/sealer.ts'
import { verifyLog } from '../../src/audit/verify-log.ts'
import { openServices } from '../../src/open-services.ts'
import { findAuditLog } from '../../src/storage/audit.ts'
import { dayMs, onBothEngines, place, type TestServices, writeDirectly } from '../orders/open-test-services.ts'
import { storeCalls } from './store-calls.ts'

async function sealAll(test: TestServices): Promise<number> {
  const sealer = await openAuditSealer(test.services, 'a-test')
  const sealed = await sealer.seal()
  await sealer.stop()
  return sealed
}

/** Another process on the same database, as far as the database can tell. */
const openBeside = ({ services: { settings } }: TestServices) =>
  openServices(settings, pino({ level: 'silent' }), (error) => assert.fail(error), { mayCreate: false })

const faultsOf = async (test: TestServices, earlier?: string) => (await verifyLog(test.services, earlier, undefined)).faults

describe('the audit log', () => {
  onBothEngines('holds every event once, in one gapless row of positions, and verifies', async (test) => {
    await place(test)
    await storeCalls(test, 150)
    const sealed = await sealAll(test)
    await storeCalls(test, 300)
    assert.equal(await sealAll(test), 300)
    const { db } = test.services
    const rows = await db.read.selectFrom('events').select(['log_index', 'sealed_at']).orderBy('log_index').execute()
    assert.deepEqual(
      rows.map((row) => row.log_index),
      Array.from({ length: sealed + 300 }, (_, index) => index),
    )
    const found = await verifyLog(test.services, undefined, undefined)
    assert.deepEqual([found.size, found.unsealed, found.deleted, found.faults], [sealed + 300, 0, 0, []])
    const [event] = await db.read.selectFrom('events').select('id').where('log_index', '=', 7).execute()
    const proof = await proveInclusion(test.services, test.caller.accountId, { id: event?.id ?? 0 })
    assert.equal(proof.index, 7)
    assert.doesNotMatch(Buffer.from(proof.entry).toString(), /192\.0\.2\.1/, 'addresses are in the log as salted hashes')
    await assert.rejects(proveInclusion(test.services, 1, { id: event?.id ?? 0 }), { problem: 'eventNotExist' })
  })

  const tampering: Record<string, [statement: string, finds: RegExp]> = {
    'a changed principal': [`update events set principal = 'somebody else' where log_index = 5`, /event \d+ at position 5 was changed/],
    'a changed result': [`update events set code = 'NoPermission' where log_index = 6`, /position 6 was changed/],
    'a changed detail': [`update events set detail = '{}x' where log_index = 0`, /position 0 was changed/],
    'a changed address': [`update events set source_ip = '198.51.100.1' where log_index = 9`, /source address of event \d+ was changed/],
    'a removed event': [`delete from events where log_index = 11`, /the event at position 11 was removed/],
    'an event put in': [
      `update events set log_index = 100000 where log_index = 12`,
      /position 12 was removed|claims a place that the log does not have/,
    ],
    'an event kept out of the log': [
      `update events set log_index = null where log_index = 13`,
      /event \d+ claims a place that the log does not have/,
    ],
    'a changed hash': [
      `update audit_tiles set hashes = (select hashes from audit_tiles where level = 1 limit 1) where level = 0 and idx = 0`,
      /./,
    ],
    'a changed upper tile': [`delete from audit_tiles where level = 1`, /the tile 1\/0 was changed/],
    'a changed size': [`update audit_log set size = size - 3`, /its checkpoint \d+/],
  }
  for (const [name, [statement, finds]] of Object.entries(tampering)) {
    onBothEngines(`shows ${name}`, async (test) => {
      await storeCalls(test, 180)
      await storeCalls(test, 180)
      await sealAll(test)
      assert.deepEqual(await faultsOf(test), [])
      await writeDirectly(test, statement)
      assert.match((await faultsOf(test)).join('\n'), finds)
    })
  }

  onBothEngines('shows by an earlier checkpoint that its end was cut off, or all of it rewritten', async (test) => {
    await storeCalls(test, 40)
    await sealAll(test)
    const old = (await findAuditLog(test.services.db.read)) ?? assert.fail()
    await storeCalls(test, 10)
    await sealAll(test)
    const later = (await findAuditLog(test.services.db.read))?.checkpoint ?? assert.fail()
    assert.deepEqual(await faultsOf(test, old.checkpoint), [])
    // Whoever may write to the database takes the last events away and puts the older checkpoint back.
    const first = old.size
    await writeDirectly(test, `delete from events where log_index >= ${first}`)
    await writeDirectly(test, `update audit_log set size = ${first}, checkpoint = '${old.checkpoint}'`)
    assert.match((await faultsOf(test, later)).join('\n'), /the log was cut off: it has \d+ events, and had \d+/)
    assert.match((await faultsOf(test, later.replace(/\d+/, '1'))).join('\n'), /the earlier checkpoint does not count/)
  })

  onBothEngines('goes on deleting what was announced when a kill cut it short, also if nothing new happened for years', async (test) => {
    await storeCalls(test, 260)
    await sealAll(test)
    const { db } = test.services
    const size = (await findAuditLog(db.read))?.size ?? 0
    test.clock.now += 731 * dayMs
    await db.write.announceDeletion({
      eventId: await db.nextId('events'),
      accountId: test.caller.accountId,
      now: test.clock.now,
      before: size - 3,
      note: writeDeletion(size - 3, await openLogKey(test.services)),
    })
    assert.deepEqual(await faultsOf(test), [])
    await applyRetention(test.services)
    await sealAll(test)
    const found = await verifyLog(test.services, undefined, undefined)
    assert.deepEqual([found.deleted, found.faults], [size, []])
  })

  onBothEngines('shows bodies whose deletion somebody without the key of the log announced', async (test) => {
    await storeCalls(test, 30)
    await sealAll(test)
    const signer = { name: 'chancery/1', privateKey: generateKeyPairSync('ed25519').privateKey }
    for (const note of [writeDeletion(20, signer), (await findAuditLog(test.services.db.read))?.checkpoint ?? '']) {
      await writeDirectly(test, `update audit_log set deleted_before = 20, deletion = '${note}'`)
      await writeDirectly(test, `delete from events where log_index < 20`)
      const faults = (await faultsOf(test)).join('\n')
      assert.match(faults, /the note on deleted bodies does not count/)
      assert.match(faults, /the event at position 0 was removed/)
    }
    await writeDirectly(test, `update audit_log set deletion = null`)
    assert.match((await faultsOf(test)).join('\n'), /the log deletes bodies before 20, its note says 0/)
  })

  onBothEngines('is verified while it grows and while retention runs', async (test) => {
    await storeCalls(test, 200)
    await storeCalls(test, 200)
    await sealAll(test)
    let verified = 0
    const grown = new AbortController()
    const verifying = (async () => {
      for (; !grown.signal.aborted || verified === 0; verified++) assert.deepEqual(await faultsOf(test), [])
    })()
    for (let round = 0; round < 8; round++) {
      await storeCalls(test, 130)
      await sealAll(test)
      test.clock.now += 731 * dayMs
      await applyRetention(test.services)
    }
    grown.abort()
    await verifying
    const found = await verifyLog(test.services, undefined, undefined)
    assert.ok(verified > 1 && found.deleted >= 400, `${verified} ${found.deleted}`)
  })

  onBothEngines('is sealed by several at once without a fork', async (test) => {
    // As if every lease had ended: what keeps the log from forking is its size.
    const { db } = test.services
    const others = await Promise.all(db.engine === 'sqlite' ? [] : [openBeside(test), openBeside(test)])
    const all = [test.services, ...others.map(({ services }) => services), test.services]
    const sealers = await Promise.all(
      all.map((services) => openAuditSealer({ ...services, db: { ...services.db, engine: 'sqlite' } }, 'a-test')),
    )
    const outcomes: string[] = []
    for (let round = 0; round < 6; round++) {
      await storeCalls(test, 70)
      const settled = await Promise.allSettled(sealers.map((sealer) => sealer.seal()))
      outcomes.push(...settled.map((one) => (one.status === 'fulfilled' ? 'sealed' : String((one.reason as { problem?: string }).problem))))
    }
    await Promise.all(sealers.map((sealer) => sealer.stop()))
    await Promise.all(others.map(({ close }) => close()))
    assert.deepEqual([...new Set(outcomes)].toSorted(), ['moved', 'sealed'], 'they met, and nothing else went wrong')
    await sealAll(test)
    const found = await verifyLog(test.services, undefined, undefined)
    assert.deepEqual(found.faults, [])
    assert.equal(found.size, (await test.services.db.read.selectFrom('events').select('id').execute()).length - found.unsealed)
  })

  onBothEngines('forgets addresses and later whole bodies, and still verifies; what else is missing shows', async (test) => {
    await storeCalls(test, 30)
    await sealAll(test)
    test.clock.now += 91 * dayMs
    await storeCalls(test, 5)
    await sealAll(test)
    await applyRetention(test.services)
    const addresses = await test.services.db.read.selectFrom('events').select(['source_ip', 'source_salt', 'source_hash']).execute()
    assert.equal(addresses.filter(({ source_ip }) => source_ip !== null).length, 5)
    assert.ok(
      addresses.every(({ source_ip, source_salt }) => (source_ip === null) === (source_salt === null)),
      'salts go with addresses',
    )
    assert.equal(addresses.filter(({ source_hash }) => source_hash !== null).length, 35)
    assert.deepEqual(await faultsOf(test), [])
    test.clock.now += 700 * dayMs
    await applyRetention(test.services)
    await applyRetention(test.services)
    assert.deepEqual(await faultsOf(test), [], 'at once, before the event of the deletion is sealed')
    await sealAll(test)
    const announced = await test.services.db.read.selectFrom('events').select('id').where('kind', '=', 'audit.bodiesDeleted').execute()
    assert.equal(announced.length, 1, 'once a day')
    const found = await verifyLog(test.services, undefined, undefined)
    assert.deepEqual(found.faults, [])
    assert.ok(found.deleted >= 30, String(found.deleted))
    const last = await test.services.db.read.selectFrom('events').select('log_index').orderBy('log_index', 'desc').executeTakeFirstOrThrow()
    await writeDirectly(test, `delete from events where log_index = ${(last.log_index ?? 0) - 1}`)
    assert.match((await faultsOf(test)).join('\n'), /was removed/)
  })
})
