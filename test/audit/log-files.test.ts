import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exportPart } from '../../src/audit/export-log.ts'
import { entriesFile, parseTileFile, tileFile } from '../../src/audit/log-files.ts'
import { openAuditSealer } from '../../src/audit/sealer.ts'
import { readCheckpoint } from '../../src/audit/note.ts'
import { findAuditLog } from '../../src/storage/audit.ts'
import { onBothEngines, writeDirectly } from '../orders/open-test-services.ts'
import { describeService, until } from '../support/service.ts'
import { treeHash } from './rfc6962.ts'
import { storeCalls } from './store-calls.ts'

describe('the files of the log', () => {
  it('are named as C2SP tlog-tiles names them', () => {
    assert.equal(tileFile({ level: 0, index: 1_234_067, width: 256 }), 'tile/0/x001/x234/067')
    assert.equal(tileFile({ level: 1, index: 0, width: 112 }), 'tile/1/000.p/112')
    assert.equal(entriesFile(273, 112), 'tile/entries/273.p/112')
    assert.equal(entriesFile(1_000, 256), 'tile/entries/x001/000')
    for (const tile of [
      { level: 0, index: 0, width: 1 },
      { level: 3, index: 999, width: 255 },
      { level: 5, index: 1_000_000, width: 256 },
    ]) {
      assert.deepEqual(parseTileFile(tileFile(tile)), tile)
    }
  })

  it('have no second spelling', () => {
    for (const path of [
      'tile/0/0',
      'tile/0/x000/001',
      'tile/00/001',
      'tile/0/001.p/0',
      'tile/0/001.p/256',
      'tile/0/001.p/007',
      'tile/0/001/',
      'tile/0/../001',
      'tile/-1/001',
      'tile/entries/000',
      'tile/0/x001',
      'checkpoint/',
    ]) {
      assert.equal(parseTileFile(path), undefined, path)
    }
  })

  onBothEngines('hold the whole log: who reads nothing else comes to the root of the checkpoint', async (test) => {
    for (let batch = 0; batch < 4; batch++) await storeCalls(test, 150)
    const sealer = await openAuditSealer(test.services, 'a-test')
    await sealer.seal()
    await sealer.stop()
    const log = (await findAuditLog(test.services.db.read)) ?? assert.fail()
    const { size, root } = readCheckpoint(log.checkpoint, log.vkey)
    const { files, withoutBodies } = await exportPart(test.services, size, 0)
    const octets = new Map(files.map(({ name, base64 }) => [name, Buffer.from(base64, 'base64')]))
    const rest = size % 256
    assert.ok(size > 600 && rest > 0)
    assert.deepEqual(
      [...octets.keys()].toSorted(),
      ['0', '1', 'entries']
        .flatMap((level) => (level === '1' ? ['tile/1/000.p/2'] : ['000', '001', `002.p/${rest}`].map((index) => `tile/${level}/${index}`)))
        .toSorted(),
    )
    const entries = ['000', '001', `002.p/${rest}`].flatMap((index) => readBundle(octets.get(`tile/entries/${index}`) ?? assert.fail()))
    assert.deepEqual(Buffer.from(treeHash(entries)), Buffer.from(root))
    const hashes = Buffer.concat(['000', '001', `002.p/${rest}`].map((index) => octets.get(`tile/0/${index}`) ?? assert.fail()))
    assert.deepEqual(hashes, Buffer.concat(entries.map((entry) => treeHash([entry]))))
    const upper = Buffer.concat([treeHash(entries.slice(0, 256)), treeHash(entries.slice(256, 512))])
    assert.deepEqual(octets.get('tile/1/000.p/2'), upper)
    assert.equal(withoutBodies, 0)
    // An earlier size has its own partial files.
    const earlier = await exportPart(test.services, 300, 0)
    assert.ok(earlier.files.some(({ name }) => name === 'tile/0/001.p/44'))
    await writeDirectly(test, `delete from events where log_index = 5`)
    const without = await exportPart(test.services, size, 0)
    assert.deepEqual([without.withoutBodies, without.files.some(({ name }) => name === 'tile/entries/000')], [1, false])
  })
})

/** C2SP tlog-tiles, log entries: each after its length as a big-endian uint16. */
function readBundle(bundle: Buffer): Buffer[] {
  const entries: Buffer[] = []
  for (let at = 0; at < bundle.length;) {
    const length = bundle.readUInt16BE(at)
    entries.push(bundle.subarray(at + 2, at + 2 + length))
    at += 2 + length
  }
  return entries
}

describeService(
  'the hashes of the log',
  (service) => {
    it('are served to whoever watches, on the listener of the operator alone, and no entries', async () => {
      const { admin = '', http = '' } = service().addresses
      await service().succeed('DescribePackageState', {})
      const note = await until('a checkpoint with events', async () => {
        const text = await (await fetch(`${admin}/audit/checkpoint`)).text()
        return Number(text.split('\n')[1]) > 0 ? text : undefined
      })
      const log = (await findAuditLog(service().services.db.read)) ?? assert.fail()
      const { size } = readCheckpoint(note, log.vkey)
      const answer = await fetch(`${admin}/audit/tile/0/000.p/${size}`)
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'application/octet-stream'])
      assert.equal((await answer.arrayBuffer()).byteLength, size * 32)
      assert.match(answer.headers.get('cache-control') ?? '', /immutable/)
      for (const path of ['tile/0/000', 'tile/0/001.p/1', 'tile/entries/000.p/1', 'tile/0/0', '', 'key']) {
        assert.equal((await fetch(`${admin}/audit/${path}`)).status, 404, path)
      }
      assert.equal((await fetch(`${admin}/audit/checkpoint`, { method: 'POST' })).status, 405)
      assert.equal((await fetch(`${admin}/audit/checkpoint`, { headers: { 'X-Forwarded-For': '192.0.2.1' } })).status, 404)
      assert.notEqual((await fetch(`${http}/audit/checkpoint`)).status, 200)
    })
  },
  { env: { CHANCERY_ADMIN_LISTEN: '127.0.0.1:0' } },
)
