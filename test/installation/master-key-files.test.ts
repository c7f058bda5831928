import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { linkSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { loadMasterKeys, promoteMasterKeyFile } from '../../src/installation/master-key-files.ts'
import { createMasterKeyFile } from '../../src/keys/master-key.ts'
import { masterKeyIdOf } from '../../src/keys/sealer.ts'

function newPlace(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const masterKeyFile = join(folder, 'master.key')
  const make = (path: string): string => masterKeyIdOf(createMasterKeyFile(path, randomBytes))
  const place = { masterKeyFile, masterKey: undefined, masterKeyNext: undefined }
  return {
    folder,
    place,
    old: make(masterKeyFile),
    next: make(`${masterKeyFile}.next`),
    promote: (id: string) => promoteMasterKeyFile(place, id, randomBytes),
    files: () => readdirSync(folder).toSorted(),
    current: () => loadMasterKeys(place, randomBytes).main?.masterKeyId,
  }
}

describe('the file of the next master key', () => {
  it('leaves no draft of a process that was killed while it wrote one', (t) => {
    const { folder, old, next, promote, files } = newPlace(t)
    writeFileSync(join(folder, 'master.key.next.0123456789abcdef.new'), 'half a key')
    promote(next)
    assert.deepEqual(files(), ['master.key', `master.key.old-${old}`])
  })

  it('takes the place of the old one, which is kept, and repeating that changes nothing', (t) => {
    const { old, next, promote, files, current } = newPlace(t)
    for (let turn = 0; turn < 2; turn++) {
      assert.equal(promote(next), true)
      assert.equal(current(), next)
      assert.deepEqual(files(), ['master.key', `master.key.old-${old}`])
    }
  })

  it('does so after an interruption between the two steps', (t) => {
    const { folder, old, next, promote, files, current } = newPlace(t)
    linkSync(join(folder, 'master.key'), join(folder, `master.key.old-${old}`))
    assert.equal(promote(next), true)
    assert.equal(current(), next)
    assert.deepEqual(files(), ['master.key', `master.key.old-${old}`])
  })

  it('stays where it is if it holds another key than the one in use', (t) => {
    const { old, promote, files, current } = newPlace(t)
    assert.equal(promote(old), true)
    assert.equal(current(), old)
    assert.deepEqual(files(), ['master.key', 'master.key.next'])
  })

  it('is not looked at where the environment holds the keys', (t) => {
    const { place, next } = newPlace(t)
    const [one, two] = [randomBytes(32), randomBytes(32)]
    const settings = { ...place, masterKey: one.toString('base64'), masterKeyNext: undefined }
    assert.deepEqual(loadMasterKeys(settings, randomBytes).next, undefined)
    const both = loadMasterKeys({ ...settings, masterKeyNext: two.toString('base64') }, randomBytes)
    assert.deepEqual([both.main?.masterKeyId, both.next?.masterKeyId], [masterKeyIdOf(one), masterKeyIdOf(two)])
    assert.deepEqual(
      [promoteMasterKeyFile(settings, masterKeyIdOf(one), randomBytes), promoteMasterKeyFile(settings, next, randomBytes)],
      [true, false],
    )
  })
})
